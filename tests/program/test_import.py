"""`authcert import`: certificates in every form that Exchange and Windows write, key pairs, and what stays known of a
certificate when the place it was read from is gone."""

import json
import unittest

import exchange
import pki
import renewal
import slapd
from program import Program

PASSWORD = "long enough to hold a key to every mailbox"


class Certificates(unittest.TestCase):
    def setUp(self):
        self.current = pki.auth_certificate(300)
        self.directory = self.enterContext(slapd.Slapd([exchange.Organization(current=self.current, data=[])]))
        self.program = self.enterContext(Program({"directory": self.directory.directory_config(),
                                                  "servers": {"probe": "none"}}))

    def source(self):
        return self.program.run("check", json=True).report["certificates"]["current"]["source"]

    def takes(self, name, content, *args):
        self.assertEqual(self.source(), "unknown")
        seen = self.program.run("import", self.program.file(name, content, 0o600), *args)
        self.assertEqual(seen.status, 0, seen)
        self.assertIn(self.current.thumbprint, seen.stdout)
        self.assertEqual(self.source(), "import")
        self.assertFalse((self.program.state / "keys").exists(), "mode monitor keeps no key")
        return seen

    def test_der(self):
        self.takes("a.cer", self.current.der)

    def test_pem_among_others(self):
        self.takes("a.txt", b"some text\n" + pki.auth_certificate(9).pem + self.current.pem)

    def test_p7b(self):
        self.takes("a.p7b", self.current.p7b(pki.auth_certificate(9)))

    def test_p7b_in_pem(self):
        self.takes("a.p7b", self.current.p7b(pem=True))

    def test_pfx_in_mode_monitor_leaves_the_key_alone(self):
        password = self.program.secret("password", PASSWORD + "\n")
        seen = self.takes("a.pfx", self.current.pfx(PASSWORD.encode()), "--password-file", password)
        self.assertIn("left alone", seen.stderr)
        self.assertIn("mode is monitor", seen.stderr)

    def test_a_pfx_needs_its_password(self):
        file = self.program.file("a.pfx", self.current.pfx(PASSWORD.encode()), 0o600)
        wrong = self.program.secret("wrong", "another password\n")
        for args in ((), ("--password-file", wrong)):
            seen = self.program.run("import", file, *args)
            self.assertEqual(seen.status, 1, seen)
            self.assertIn("password", seen.stderr)
            self.assertNotIn("another password", seen.stderr)
        self.assertEqual(self.source(), "unknown")

    def test_what_is_no_certificate(self):
        for name, content in (("empty", b""), ("text", b"hello\n"), ("cut", self.current.der[:200])):
            seen = self.program.run("import", self.program.file(name, content))
            self.assertEqual(seen.status, 1, seen)
        self.assertEqual(self.program.run("import", "/nonexistent").status, 2)
        self.assertEqual(self.source(), "unknown")


class Store(unittest.TestCase):
    def test_bytes_that_a_run_saw_stay_known(self):
        current = pki.auth_certificate(300)
        organization = exchange.Organization(current=current, data=[current.der])
        with slapd.Slapd([organization]) as directory, \
                Program({"directory": directory.directory_config(), "servers": {"probe": "none"}}) as program:
            def source(command):
                seen = program.run(command, json=True)
                self.assertEqual(seen.status, 0, seen)
                return seen.report["certificates"]["current"]["source"]

            self.assertEqual(source("check"), "attribute")
            directory.replace(organization.auth_dn, msExchAuthCertificateData=[])
            self.assertEqual(program.run("check", json=True).report["decision"]["id"], "unknown-certificate",
                             "check keeps nothing")
            directory.replace(organization.auth_dn, msExchAuthCertificateData=[current.der])
            self.assertEqual(source("run"), "attribute")
            directory.replace(organization.auth_dn, msExchAuthCertificateData=[])
            self.assertEqual(source("run"), "store")
            self.assertEqual(source("check"), "store")


class KeyPairs(unittest.TestCase):
    """In mode renew."""

    def test_from_one_agent_to_another_that_can_deliver_then(self):
        current = pki.auth_certificate(21)
        with renewal.Bed(current=current) as bed:
            self.assertEqual(bed.run("run").status, 0)
            staged = bed.slots()["2"]
            pfx = bed.program.folder / "out.pfx"
            password = bed.program.secret("password", PASSWORD + "\n")
            self.assertEqual(bed.program.run("export", staged, pfx, "--password-file", password).status, 0)
            second = bed.agent()
            before = second.run("check", json=True).report["certificates"]["next"]
            self.assertFalse(before["key_kept"])
            seen = second.run("import", pfx, "--password-file", password)
            self.assertEqual((seen.status, seen.stderr), (0, ""), seen)
            self.assertIn("private key kept", seen.stdout)
            self.assertEqual(bed.keys(second), [staged + ".key"])
            self.assertEqual((second.state / "keys" / (staged + ".key")).stat().st_mode & 0o777, 0o600)
            again = second.run("import", pfx, "--password-file", password)
            self.assertEqual(again.status, 0, again)
            self.assertIn("kept already", again.stdout)

            # A delivery of the second agent's own that failed: it has the key to try again with.
            self.assertEqual(second.run("run", json=True).status, 0)
            path = second.state / "history.json"
            history = json.loads(path.read_text())
            history["deliveries"] = [{"thumbprint": staged, "server": "ex1.contoso.test", "present": False}]
            path.write_text(json.dumps(history))
            seen = second.run("deliver", json=True)
            self.assertEqual(seen.status, 0, seen)
            self.assertTrue(seen.report["certificates"]["next"]["key_kept"])
            self.assertEqual([(d["act"], d["result"]) for d in seen.report["done"]], [("deliver", "ok")], seen)
            self.assertEqual((second.folder / "delivered").read_text().split(), [staged, "next", "ex1.contoso.test"])
            exported = second.folder / "again.pfx"
            self.assertEqual(second.run("export", staged, exported, "--password-file", password).status, 0)
            key, certificate, _ = pki.pkcs12.load_key_and_certificates(exported.read_bytes(), PASSWORD.encode())
            self.assertEqual(pki.Certificate(certificate, key).thumbprint, staged)

    def test_a_pfx_that_others_made(self):
        current = pki.auth_certificate(300)
        with renewal.Bed(current=current, data=[]) as bed:
            password = bed.program.secret("password", PASSWORD + "\n")
            file = bed.program.file("a.pfx", current.pfx(PASSWORD.encode()), 0o600)
            seen = bed.program.run("import", file, "--password-file", password)
            self.assertEqual((seen.status, seen.stderr), (0, ""), seen)
            self.assertEqual(bed.keys(), [current.thumbprint + ".key"])
            report = bed.run("check").report["certificates"]["current"]
            self.assertEqual((report["source"], report["key_kept"]), ("import", True))

    def test_pem_text_with_a_bare_key(self):
        current = pki.auth_certificate(300)
        with renewal.Bed(current=current, data=[]) as bed:
            seen = bed.program.run("import", bed.program.file("a.pem", current.pem + current.key_pem, 0o600))
            self.assertEqual((seen.status, seen.stderr), (0, ""), seen)
            self.assertEqual(bed.keys(), [current.thumbprint + ".key"])

    def test_another_certificate_s_key_is_refused(self):
        current, other = pki.auth_certificate(300), pki.auth_certificate(300, key=pki.new_key())
        with renewal.Bed(current=current, data=[]) as bed:
            for name, content in (("a.pem", current.pem + other.key_pem),
                                  ("b.pem", current.pem + current.key_pem + other.key_pem)):
                seen = bed.program.run("import", bed.program.file(name, content, 0o600))
                self.assertEqual(seen.status, 1, seen)
                self.assertIn("nothing was kept", seen.stderr)
                self.assertNotIn("PRIVATE KEY", seen.stderr)
            self.assertEqual(bed.keys(), [])
            self.assertEqual(bed.run("check").report["certificates"]["current"]["source"], "unknown")

    def test_a_key_of_another_kind_is_left_alone(self):
        odd = pki.auth_certificate(300, key="p256")
        with renewal.Bed(current=pki.auth_certificate(300)) as bed:
            seen = bed.program.run("import", bed.program.file("a.pem", odd.pem + odd.key_pem, 0o600))
            self.assertEqual(seen.status, 0, seen)
            self.assertIn("left alone", seen.stderr)
            self.assertEqual(bed.keys(), [])

    def test_no_key_is_kept_without_a_key_password(self):
        current = pki.auth_certificate(300)
        with renewal.Bed(current=current, data=[]) as bed:
            bed.program.change("state", key_password_file=None)
            file = bed.program.file("a.pem", current.pem + current.key_pem, 0o600)
            seen = bed.program.run("import", file)
            self.assertEqual(seen.status, 2, seen)
            self.assertIn("key_password", seen.stderr)
            self.assertEqual(bed.keys(), [])
            self.assertEqual(bed.program.run("import", bed.program.file("a.cer", current.der)).status, 0,
                             "a certificate alone needs none")


if __name__ == "__main__":
    unittest.main()
