"""bind = gssapi against a real domain controller: what goes over the wire, whose cache and names are used, and every way
in which a log-in can fail, with the advice that it gives."""

import os
import time
import unittest

import ad
import exchange
import relay

DAY = 24 * 3600


def decision(seen):
    return " ".join(one["text"] for one in seen.report["decision"]["reasons"])


class Case(unittest.TestCase):
    options = None

    @classmethod
    def setUpClass(cls):
        more = {} if cls.options is None else {"options": cls.options}
        cls.forest = cls.enterClassContext(ad.Forest([exchange.Organization()], **more))
        cls.agent = cls.forest.account()

    def program(self, account=None, **changes):
        account = account or self.agent
        return self.forest.program({"bind": "gssapi", "keytab": account.keytab, **changes})

    def check(self, account=None, env=None, now=None, **changes):
        return self.program(account, **changes).run("check", json=True, env=env, now=now)

    def assert_read(self, seen):
        self.assertEqual((seen.status, seen.report["organization"]), (0, "Contoso"), seen)

    def assert_refused(self, seen, *words):
        self.assertEqual((seen.status, seen.report["decision"]["id"]), (3, "unreadable"), seen)
        for word in words:
            self.assertIn(word, decision(seen))

    def krb5_conf(self, *changes, name="own.conf"):
        """A krb5.conf of its own, as the environment of a program."""
        text = self.forest.krb5_conf.read_text()
        for old, new in changes:
            self.assertIn(old, text)
            text = text.replace(old, new)
        path = self.forest.folder / name
        path.write_text(text)
        return {"KRB5_CONFIG": str(path)}


@ad.required
class LoggingIn(Case):
    def test_sealed_without_tls_and_under_it(self):
        dc = self.forest.dc[0]
        for uri, tls in ((dc.plain_uri, "off"), (dc.plain_uri, "starttls"), (dc.uri, "ldaps")):
            with self.subTest(uri=uri, tls=tls):
                self.assert_read(self.check(uri=uri, tls=tls))

    def test_nothing_readable_goes_over_the_wire(self):
        port = 3890
        with relay.Relay(self.forest, port) as between:
            self.assert_read(self.check(uri=f"{self.forest.dc[0].plain_uri}:{port}", tls="off"))
        self.assertIn(b"GSSAPI", between.seen)
        for word in (b"msExchAuthCertificateThumbprint", b"CN=Microsoft Exchange", b"currentTime"):
            self.assertNotIn(word, between.seen)

    def test_who_meddles_gets_nothing(self):
        """A byte changed behind the log-in ends the connection."""
        port = 3891
        with relay.Relay(self.forest, port, damage_after=4000):
            self.assert_refused(self.check(uri=f"{self.forest.dc[0].plain_uri}:{port}", tls="off", timeout="5s"))

    def test_the_users_tickets_are_not_touched(self):
        cache = self.forest.folder / "users-cache"
        cache.write_bytes(b"mine")
        self.assert_read(self.check(env={"KRB5CCNAME": f"FILE:{cache}", "KRB5_CLIENT_KTNAME": "FILE:/nowhere"}))
        self.assertEqual(cache.read_bytes(), b"mine")

    def test_principal_is_taken_from_the_key_table(self):
        for principal in (None, self.agent.principal, self.agent.name):
            with self.subTest(principal=principal):
                self.assert_read(self.check(principal=principal))

    def test_reverse_names_have_no_say(self):
        """Also where krb5.conf asks for them, as its defaults do."""
        known = (self.forest.folder / "hosts").read_text()
        self.addCleanup((self.forest.folder / "hosts").write_text, known)
        with open(self.forest.folder / "hosts", "w") as file:
            file.write(f"{self.forest.dc[0].address} elsewhere.contoso.test\n" + known)
        env = self.krb5_conf(("rdns = false", "rdns = true"),
                             ("dns_canonicalize_hostname = false", "dns_canonicalize_hostname = true"))
        self.assert_read(self.check(env=env))

    def test_a_key_table_that_only_root_can_read(self):
        """Started as root for a state folder of somebody else, it reads the key table before it becomes that user."""
        program = self.program()
        self.forest.folder.chmod(0o755)
        program.folder.chmod(0o755)
        os.chown(program.state, 65534, 65534)
        seen = program.run("run", json=True)
        self.assertEqual((seen.status, seen.report["organization"]), (0, "Contoso"), seen)
        self.assertEqual((program.state / "last.json").stat().st_uid, 65534)

    def test_doctor_says_how_it_is_protected(self):
        seen = self.program(uri=self.forest.dc[0].plain_uri, tls="off").run("doctor")
        self.assertIn("sealed by Kerberos", " ".join(seen.stdout.split()), seen)


@ad.required
class Refused(Case):
    def account(self, name, **attributes):
        return self.forest.service_account(name, **attributes)

    def test_clock(self):
        seen = self.check(env={**self.krb5_conf(("rdns", "kdc_timesync = 0\nrdns"))}, now=self.clock(3600))
        self.assert_refused(seen, "clock", "NTP")

    def clock(self, ahead):
        return int(time.time()) + ahead

    def test_unknown_account(self):
        account = self.account("svc-gone")
        self.forest.delete(account.dn)
        self.assert_refused(self.check(account), "svc-gone@CONTOSO.TEST", "no account of this name", "check principal")

    def test_old_key_table(self):
        account = self.account("svc-changed")
        self.forest.set_password(account.name, "An0ther-Horse")
        self.assert_refused(self.check(account), "Make a new key table")
        self.assert_read(self.program(account, keytab=self.forest.keytab(account.name)).run("check", json=True))

    def test_password_to_be_changed(self):
        account = self.account("svc-expired", userAccountControl=0x200)
        self.forest.replace(account.dn, pwdLastSet=0)
        self.assert_refused(self.check(account), "password has expired", "let it not expire")

    def test_disabled(self):
        account = self.account("svc-disabled")
        self.forest.replace(account.dn, userAccountControl=0x10202)
        self.assert_refused(self.check(account), "disabled, locked, expired")

    def test_ended(self):
        account = self.account("svc-ended", accountExpires=1)
        self.assert_refused(self.check(account), "expired")

    def test_locked(self):
        account = self.account("svc-locked")
        self.forest.replace(ad.DOMAIN, lockoutThreshold=2)
        self.addCleanup(self.forest.replace, ad.DOMAIN, lockoutThreshold=0)
        wrong = self.forest.program({"bind_dn": account.dn})
        wrong.change("directory", password_file=wrong.secret("wrong", "not-the-password"))
        for _ in range(3):
            self.assertEqual(wrong.run("check").status, 3)
        self.assert_refused(self.check(account), "locked", "unlock")

    def test_no_key_server_answers(self):
        address = f"kdc = {self.forest.dc[0].address}:88"
        self.assert_refused(self.check(env=self.krb5_conf((address, "kdc = 127.0.0.77:88"))), "port 88", "firewall")

    def test_no_key_server_is_known(self):
        address = f"kdc = {self.forest.dc[0].address}:88\n"
        self.assert_refused(self.check(env=self.krb5_conf((address, ""))), "CONTOSO.TEST", "krb5.conf")
        self.assert_refused(self.check(principal="svc-authcert@contoso.test"), "in capitals")

    def test_krb5_conf_is_damaged(self):
        path = self.forest.folder / "damaged.conf"
        path.write_text("[libdefaults\nx\n")
        self.assert_refused(self.check(env={"KRB5_CONFIG": str(path)}), "krb5.conf is damaged")

    def test_no_such_service(self):
        for host in (self.forest.dc[0].address, "alias.contoso.test"):
            with self.subTest(host=host):
                self.forest.hosts(self.forest.dc[0].address, "alias.contoso.test")
                seen = self.check(uri=f"ldap://{host}", tls="off")
                self.assert_refused(seen, f"ldap/{host}", "own full name in uri")

    def test_other_principal_than_the_key_tables(self):
        self.assert_refused(self.check(principal="joe@CONTOSO.TEST"), "joe@CONTOSO.TEST", "klist -kte")

    def test_not_over_a_local_socket(self):
        self.assert_refused(self.check(uri="ldapi://%2Fnowhere"), "host name")


@ad.required
class KeyTableFile(Case):
    """A file that will not do is a mistake of the configuration: nothing is tried."""

    def assert_mistake(self, path, *words):
        seen = self.program(keytab=path).run("check")
        self.assertEqual(seen.status, 3, seen)
        for word in (str(path), *words):
            self.assertIn(word, seen.stdout + seen.stderr)
        self.assertNotIn("svc-authcert@", seen.stdout + seen.stderr)

    def copy(self, name, mode=0o600, content=None):
        path = self.forest.folder / name
        with open(self.agent.keytab, "rb") as file:
            path.write_bytes(file.read() if content is None else content)
        path.chmod(mode)
        return path

    def test_missing(self):
        self.assert_mistake(self.forest.folder / "nowhere.keytab", "there is no file", "0600")

    def test_open_to_others(self):
        self.assert_mistake(self.copy("open.keytab", 0o640), "0600")

    def test_a_folder(self):
        self.assert_mistake(self.forest.folder)

    def test_empty_or_something_else(self):
        for content, words in ((b"", "key table"), (b"-----BEGIN", "no key table"), (b"\x05\x02", "is empty")):
            with self.subTest(content=content):
                seen = self.check(keytab=self.copy("other.keytab", content=content))
                self.assertEqual(seen.status, 3, seen)
                self.assertIn(words, seen.stdout + seen.stderr)

    def test_damaged(self):
        """Cut anywhere, or with bytes that are not its own."""
        with open(self.agent.keytab, "rb") as file:
            whole = file.read()
        for content in (whole[:7], whole[:30], whole[:2] + b"\x7f\xff\xff\xff" + whole[6:], whole[:2] + b"\x80\0\0\0" * 40):
            with self.subTest(content=content):
                self.assertEqual(self.check(keytab=self.copy("damaged.keytab", content=content)).status, 3)


@ad.required
class StrongAuthentication(Case):
    """A domain controller that takes Kerberos log-ins only where Kerberos seals the connection itself."""

    options = ()

    def test_over_tls(self):
        self.assert_refused(self.check(), "tls = off", "ldap://", "(8)")

    def test_without(self):
        self.assert_read(self.check(uri=self.forest.dc[0].plain_uri, tls="off"))


if __name__ == "__main__":
    unittest.main()
