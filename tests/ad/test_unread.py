"""What the account may not read is never taken for empty, on a real domain controller: to Active Directory both look the
same, so an absence counts only when the access list proves it. The class descriptors are Exchange's: nobody but its own
groups may read."""

import unittest

import ad
import schema
from test_rights import Case

THUMBPRINTS, DATE = ad.WRITTEN
READABLE = ("bf9679e5-0de6-11d0-a285-00aa003049e2", "9a7ad940-ca53-11d1-bbd0-0080c76670c0")  # objectClass, allowedAttributes


@ad.required
class Unread(Case):
    name = "Contoso"

    def grant(self, dn, *entries):
        self.forest.grant(dn, "".join(f"({entry};;{self.account.sid})" for entry in entries))

    def own(self, kind, right, attribute):
        return f"{kind};;{right};{schema.guid(attribute)}"

    def see_all_but(self, *attributes):
        """Everything below the organization, but for these attributes of the auth configuration."""
        self.grant(self.organization.dn, "A;CI;LCRP;")
        self.grant(self.organization.auth_dn, *(self.own("OD", "RP", name) for name in attributes))

    def values(self):
        return sorted(self.forest.read(self.organization.auth_dn, THUMBPRINTS))

    def assert_unread(self, words):
        before = self.values()
        for command in (("check",), ("run",), ("recover", "--yes"), ("renew", "--again", "--yes")):
            with self.subTest(command=command):
                seen = self.bed.program.run(*command, json=True)
                self.assertEqual((seen.status, seen.report["decision"]["id"], seen.report["done"]), (3, "unreadable", []), seen)
                self.assertIn(words, seen.report["summary"])
        self.assertEqual(self.values(), before)

    def writable(self):
        self.grant(self.organization.auth_dn, *(self.own("OA", "WP", name) for name in ad.WRITTEN))

    def test_denied_by_name(self):
        """The account may write them and read the list that says it may not read them."""
        self.see_all_but(THUMBPRINTS, DATE)
        self.writable()
        self.grant(self.organization.auth_dn, "A;;RC;")
        self.assert_unread(f"the account may not read {THUMBPRINTS} of ")
        text, found, lines = self.doctor()
        self.assertEqual([line[:40] for line in found["read rights"]],
                         [f"FAILED the account may not read {name} of "[:40] for name in ad.WRITTEN], text)
        self.assertTrue(found["write rights"][0].startswith("ok Write Property on "), text)
        self.assertTrue([line for line in lines if line.startswith("dsacls") and line.endswith(':RPRC"')], text)

    def test_what_doctor_prints_makes_them_readable(self):
        """An account with rights on single attributes, none of them on the thumbprints."""
        self.grant(self.organization.dn, "A;;LCRP;")
        self.grant(self.organization.auth_dn, *(f"OA;;RP;{guid}" for guid in READABLE))
        self.writable()
        self.assert_unread(f"shows no {THUMBPRINTS}, and whether it is empty or this account may not read it is not known")
        self.bed.program.change("policy", mode="monitor")
        text, found, lines = self.doctor()
        self.assertIn(f"shows no {THUMBPRINTS}, and whether it is empty", found["read rights"][0])
        self.type([line for line in lines if "RPRC" in line])
        self.assertEqual(self.bed.program.run("check", json=True).report["organization"], "Contoso")
        self.assertNotIn("may not read", " ".join(self.doctor()[1]["read rights"]))

    def test_not_set(self):
        """Whoever may read both attribute and access list sees that there is none; then the object is malformed."""
        self.grant(self.organization.dn, "A;CI;LCRP;")
        self.forest.replace(self.organization.auth_dn, msExchAuthCertificateThumbprint=[])
        self.assert_unread(f"shows no {THUMBPRINTS}, and whether it is empty")
        self.grant(self.organization.auth_dn, "A;;RPRC;")
        self.assertEqual(self.bed.program.run("check", json=True).report["decision"]["id"], "malformed")

    def test_date(self):
        """A next is staged, and its date cannot be seen."""
        self.forest.replace(self.organization.auth_dn, msExchAuthNextEffectiveDate=["20300101000000.0Z"],
                            msExchAuthCertificateThumbprint=["0:" + self.organization.current.thumbprint, "2:" + "A" * 40])
        self.see_all_but(DATE)
        self.writable()
        self.grant(self.organization.auth_dn, "A;;RC;")
        for command in ("check", "run"):
            report = self.bed.program.run(command, json=True).report
            self.assertNotEqual(report["decision"]["id"], "malformed")
            self.assertEqual((report["decision"]["act"], report["done"]), ("none", []), report)
            self.assertIn("date-not-read", [reason["id"] for reason in report["decision"]["reasons"]])
        self.assertIn(f"the account may not read {DATE} of ", self.doctor()[1]["read rights"][0])


del Case


if __name__ == "__main__":
    unittest.main()
