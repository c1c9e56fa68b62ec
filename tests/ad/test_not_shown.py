"""What a partial replica does not show is unknown, and never absent, on real domain controllers: the port of the global
catalog, which takes no writes, and a read-only controller, to which the attributes that the schema filters
(fRODCFilteredAttribute of searchFlags) are never copied."""

import unittest

import ad
import exchange
import pki
import schema
import test_read_only
import test_rights
from test_read_only import Bed

THUMBPRINTS, DATE = ad.WRITTEN
FILTERED = 0x200  # fRODCFilteredAttribute
SIGNS = ("msExchAuthFlags", "msExchAuthAuthServerType")
COMMANDS = (("check",), ("run",), ("recover", "--yes"), ("renew", "--again", "--yes"))


class Forest(test_read_only.Forest):
    def __init__(self, organizations, *filtered):
        super().__init__(organizations)
        self.filtered = filtered

    def join(self):
        for name in self.filtered:
            self.replace(f"CN={name},{schema.SCHEMA}", searchFlags=FILTERED)
        self.modify("dn:\nchangetype: modify\nadd: schemaUpdateNow\nschemaUpdateNow: 1\n-\n")
        super().join()


def written(forest):
    return [sorted(forest.read(forest.organizations[0].auth_dn, name)) for name in ad.WRITTEN]


def assert_unreadable(case, seen):
    case.assertEqual((seen.status, seen.report["status"], seen.report["decision"]["id"], seen.report["done"]),
                     (3, "unknown", "unreadable", []), seen)
    case.assertIn("says nothing: a read-only domain controller", seen.report["summary"])


def assert_date_and_signs_unknown(case, report):
    """A next whose date is not shown, and an auth server of which neither type nor flags are."""
    ids = [reason["id"] for reason in report["decision"]["reasons"]]
    case.assertEqual((report["status"], report["decision"]["act"], report["hybrid"], report["done"]),
                     ("warning", "none", "unknown", []), report)
    case.assertIn("date-not-read", ids)
    case.assertNotIn("hybrid-harmless", ids)


@ad.required
class Filtered(unittest.TestCase):
    def look(self, *filtered, **organization):
        one = exchange.Organization(servers=exchange.servers(3, sites=2), auth_servers=[exchange.AuthServer(application=None)],
                                    **organization)
        self.forest = self.enterContext(Forest([one], *filtered))
        for name in filtered:
            self.assertEqual(self.forest.search(one.auth_dn, f"({name}=*)", ["1.1"], user=ad.AGENT, dc=1), {}, name)
        return self.enterContext(Bed(self.forest, one.current))

    def test_thumbprints(self):
        bed = self.look(THUMBPRINTS, current=pki.auth_certificate(-1))
        before = written(self.forest)
        self.forest.stop(0)
        for command in COMMANDS:
            with self.subTest(command=command):
                assert_unreadable(self, bed.run(*command))
        self.forest.start(0)
        self.assertEqual(written(self.forest), before)

    def test_all_but_the_thumbprints(self):
        bed = self.look(DATE, *SIGNS, current=pki.auth_certificate(800), next=pki.auth_certificate(1700),
                        date=pki.now() + pki.days(30))
        before = written(self.forest)
        self.forest.stop(0)
        for command in ("check", "run"):
            assert_date_and_signs_unknown(self, bed.run(command).report)
        self.forest.start(0)
        self.assertEqual(written(self.forest), before)


@ad.required
class Catalog(test_rights.Case):
    """Samba's catalog shows whatever its controller holds, so the access list hides what Windows' leaves out, for an
    account that may write. The controller's other ports are out of reach, or they would be read instead."""

    name = "Contoso"

    def hide(self, *attributes):
        entries = [f"OD;CI;RP;{schema.guid(name)};" for name in attributes]
        entries += ["A;CI;RC;;"] + [f"OA;;WP;{schema.guid(name)};" for name in ad.WRITTEN]
        self.forest.grant(self.organization.dn, f"(A;CI;LCRP;;;{self.account.sid})")
        self.forest.grant(self.organization.auth_dn, "".join(f"({entry};{self.account.sid})" for entry in entries))

    def runs(self, *commands):
        """The commands at the catalog, which change nothing."""
        before = written(self.forest)
        hosts = self.forest.folder / "hosts"
        known = hosts.read_text()
        [dc] = self.forest.dc
        self.bed.program.change("directory", uri=f"ldaps://{dc.address}:3269")
        hosts.write_text(known.replace(dc.address, "127.0.0.99"))
        for command in commands:
            with self.subTest(command=command):
                yield self.bed.run(*command)
        hosts.write_text(known)
        self.assertEqual(written(self.forest), before)

    def test_thumbprints(self):
        self.hide(THUMBPRINTS)
        for seen in self.runs(*COMMANDS):
            assert_unreadable(self, seen)

    def test_date_and_signs(self):
        current, following = pki.auth_certificate(800), pki.auth_certificate(1700)
        self.forest.replace(self.organization.auth_dn, msExchAuthNextEffectiveDate=["20300101000000.0Z"],
                            msExchAuthCertificateData=[current.der, following.der],
                            msExchAuthCertificateThumbprint=["0:" + current.thumbprint, "2:" + following.thumbprint])
        self.forest.modify(exchange.AuthServer(application=None).ldif("CN=Auth Servers," + self.organization.auth_dn))
        self.hide(DATE, *SIGNS)
        for seen in self.runs(("check",), ("run",)):
            assert_date_and_signs_unknown(self, seen.report)

    def test_nothing_is_written_there(self):
        ended = pki.auth_certificate(-1)
        self.forest.replace(self.organization.auth_dn, msExchAuthCertificateData=[ended.der],
                            msExchAuthCertificateThumbprint=["0:" + ended.thumbprint])
        self.hide(DATE, *SIGNS)
        for seen in self.runs(("run",), ("recover", "--yes")):
            self.assertNotIn("ok", [done["result"] for done in seen.report["done"] if done["act"] != "deliver"], seen)


if __name__ == "__main__":
    unittest.main()
