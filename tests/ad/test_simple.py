"""bind = simple against a real domain controller: over TLS alone, and what each of its refusals is translated to."""

import unittest

import ad
import exchange


@ad.required
class Simple(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.forest = cls.enterClassContext(ad.Forest([exchange.Organization()]))

    def check(self, account=None, **changes):
        if account is not None:
            changes = {"bind_dn": account.dn, "password_file": account.password_file, **changes}
        return self.forest.program(changes).run("check", json=True)

    def assert_read(self, seen):
        self.assertEqual((seen.status, seen.report["organization"]), (0, "Contoso"), seen)

    def assert_refused(self, account, number, words, **changes):
        seen = self.check(account, **changes)
        self.assertEqual((seen.status, seen.report["decision"]["id"]), (3, "unreadable"), seen)
        said = " ".join(one["text"] for one in seen.report["decision"]["reasons"])
        self.assertIn(f"data {number}", said)
        self.assertIn(words, said)
        self.assertNotIn("Corr3ct", seen.stdout + seen.stderr)

    def test_under_tls(self):
        dc = self.forest.dc[0]
        for uri, tls in ((dc.uri, "ldaps"), (dc.plain_uri, "starttls"), (f"ldaps://{dc.address}", "ldaps")):
            for name in (self.forest.bind_dn, "svc-authcert@contoso.test", "CONTOSO\\svc-authcert"):
                with self.subTest(uri=uri, name=name):
                    self.assert_read(self.check(uri=uri, tls=tls, bind_dn=name))

    def test_never_without(self):
        dc = self.forest.dc[0]
        for more in ({}, {"allow_cleartext": "yes"}):
            seen = self.check(uri=dc.plain_uri, tls="off", **more)
            self.assertEqual(seen.status, 3, seen)

    def test_wrong_password(self):
        """(A password that was changed stays good for an hour.)"""
        path = self.forest.folder / "not-the-password"
        path.touch(0o600)
        path.write_text("not-the-password")
        self.assert_refused(None, "52e", "password is wrong", password_file=path)

    def test_password_to_be_changed(self):
        account = self.forest.service_account("svc-change", userAccountControl=0x200)
        self.forest.replace(account.dn, pwdLastSet=0)
        self.assert_refused(account, "773", "must change its password")

    def test_disabled(self):
        account = self.forest.service_account("svc-disabled", userAccountControl=0x10202)
        self.assert_refused(account, "533", "disabled")

    def test_account_ended(self):
        account = self.forest.service_account("svc-ended", accountExpires=1)
        self.assert_refused(account, "701", "expired")

    def test_locked(self):
        account = self.forest.service_account("svc-locked")
        self.forest.replace(ad.DOMAIN, lockoutThreshold=2)
        self.addCleanup(self.forest.replace, ad.DOMAIN, lockoutThreshold=0)
        wrong = self.forest.program({"bind_dn": account.dn})
        wrong.change("directory", password_file=wrong.secret("wrong", "not-the-password"))
        for _ in range(3):
            self.assertEqual(wrong.run("check").status, 3)
        self.assert_refused(account, "775", "unlock")

    def test_unknown(self):
        seen = self.check(bind_dn="CN=nobody,CN=Users,DC=contoso,DC=test")
        self.assertEqual(seen.status, 3, seen)
        self.assertIn("(49)", " ".join(one["text"] for one in seen.report["decision"]["reasons"]))

    def test_anonymous_reads_nothing(self):
        seen = self.check(bind="anonymous")
        self.assertEqual(seen.status, 3, seen)
        self.assertIn("bind = gssapi", " ".join(one["text"] for one in seen.report["decision"]["reasons"]))


if __name__ == "__main__":
    unittest.main()
