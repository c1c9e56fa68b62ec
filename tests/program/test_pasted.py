"""What people type, paste and bring from Windows: characters that nobody sees are taken where they can be, and named
where they cannot."""

import unittest

import pki
import slapd
from exchange import Organization
from program import Program

DIGITS = "0123456789ABCDEF0123456789ABCDEF01234567"
PAIRS = [DIGITS[i:i + 2] for i in range(0, 40, 2)]
BOM = "\ufeff".encode()


class Thumbprints(unittest.TestCase):
    TAKEN = ("\u200e" + DIGITS, DIGITS.lower(), ":".join(PAIRS), "-".join(PAIRS), " ".join(PAIRS).lower(),
             "SHA1 Fingerprint=" + ":".join(PAIRS), "sha1 Fingerprint=" + ":".join(PAIRS).lower(),
             "Thumbprint : " + DIGITS, "Cert Hash(sha1): " + DIGITS.lower(), "0:" + DIGITS, '"' + DIGITS + '"',
             "\ufeff" + DIGITS + "\r\n", "\u00a0".join(PAIRS), DIGITS[:20] + "\u200b" + DIGITS[20:],
             "\u202a" + DIGITS + "\u202c", "\u2060\u00ad" + DIGITS + "\u3000")
    NAMED = (("\u200e" + DIGITS[1:], "39 hexadecimal digits", "U+200E"), (DIGITS + "0", "41 hexadecimal digits"),
             ("", "0 hexadecimal digits"), (DIGITS[:39] + "\u0e47", "U+0E47"), (DIGITS[:39] + "G", '"G"', "U+0047"),
             (DIGITS[:20] + "\u2013" + DIGITS[20:], "U+2013"), ("\uff11" + DIGITS[1:], "U+FF11"),
             (DIGITS + "\x1b[2J", "U+001B"), (DIGITS[:39] + "\u0430", "U+0430"), (DIGITS + DIGITS[:24], "SHA-256"))

    def test_taken(self):
        with slapd.Slapd() as directory, Program({"directory": directory.directory_config(),
                                                   "state": {"key_password": "none"}}) as program:
            for typed in self.TAKEN:
                with self.subTest(typed):
                    seen = program.run("deliver", "--confirm", typed)
                    self.assertEqual(seen.status, 1, seen)
                    self.assertIn(DIGITS + " is in no slot", seen.stderr)

    def test_taken_by_export(self):
        with Program({"directory": {"uri": "ldaps://dc1.contoso.test", "bind": "anonymous"},
                      "state": {"key_password": "none"}}) as program:
            password = program.secret("password", "a password of many characters")
            for typed in self.TAKEN:
                with self.subTest(typed):
                    self.assertIn(DIGITS + " was not exported", program.run("export", "--password-file", password, typed,
                                                                             "x.pfx").stderr)

    def test_what_cannot_be_taken_is_named(self):
        with Program({"directory": {"uri": "ldaps://dc1.contoso.test", "bind": "anonymous"}}) as program:
            for typed, *words in self.NAMED:
                with self.subTest(typed):
                    seen = program.run("export", typed, "x.pfx")
                    self.assertEqual(seen.status, 2, seen)
                    for word in words:
                        self.assertIn(word, seen.stderr)
                    for character in seen.stderr.replace("\n", ""):
                        self.assertTrue(character.isprintable(), seen)

    def test_confirmed(self):
        organization = Organization()
        thumbprint = organization.current.thumbprint
        with slapd.Slapd([organization]) as directory, Program({"directory": directory.directory_config(),
                                                   "state": {"key_password": "none"}}) as program:
            seen = program.run("deliver", "--confirm", "\u200e" + thumbprint.lower(), json=True)
            self.assertEqual(seen.status, 0, seen)
            self.assertEqual(seen.report["done"][0]["thumbprint"], thumbprint)


class Servers(unittest.TestCase):
    NAME = "ex1.contoso.test"
    TAKEN = ("\u200e" + NAME, NAME + "\u200b", NAME.upper() + " ", "\ufeff" + NAME + "\r\n", NAME + ".", '"' + NAME + '"',
             "\u00a0" + NAME)

    def test_confirmed(self):
        organization = Organization()
        with slapd.Slapd([organization]) as directory, Program({"directory": directory.directory_config(),
                                                                "state": {"key_password": "none"}}) as program:
            for typed in self.TAKEN:
                with self.subTest(typed):
                    seen = program.run("deliver", "--confirm", organization.current.thumbprint, typed, json=True)
                    self.assertEqual(seen.status, 0, seen)
            for typed, word in (("\u0435x1.contoso.test", "U+0435"), ("ex9.contoso.test", "see: authcert check"),
                                ("\u200e", "is not a counted"), ("ex1.contoso.test.ex1", "is not a counted"), ("", "is not")):
                with self.subTest(typed):
                    seen = program.run("deliver", "--confirm", organization.current.thumbprint, typed)
                    self.assertEqual(seen.status, 2, seen)
                    self.assertIn(word, seen.stderr)


class Files(unittest.TestCase):
    """A password in a file that an editor of Windows wrote."""
    ODD = ((BOM + b"%s", "begins with U+FEFF"), (b"%s\r\n\r\n", "more than one line"), (b"%s ", "ends with a blank"),
           (b"\xe4%s", "no UTF-8"), (b"%s\xc2\xa0", "U+00A0"))

    def test_the_directory_s_password(self):
        with slapd.Slapd() as directory, Program("") as program:
            for form, word in self.ODD:
                with self.subTest(word):
                    path = program.secret("password", form % slapd.SERVICE_PASSWORD.encode())
                    program.write({"directory": directory.directory_config(password_file=path)})
                    for command in "check", "doctor":
                        seen = program.run(command)
                        self.assertIn("the file with it ", seen.stdout + seen.stderr)
                        self.assertIn(word, seen.stdout + seen.stderr)
                        self.assertNotIn(slapd.SERVICE_PASSWORD, seen.stdout + seen.stderr)
            path = program.secret("password", slapd.SERVICE_PASSWORD.encode() + b"\r\n")
            program.write({"directory": directory.directory_config(password_file=path)})
            self.assertNotIn("log in", program.run("check").stderr)
            path = program.secret("password", slapd.SERVICE_PASSWORD.encode("utf-16"))
            program.write({"directory": directory.directory_config(password_file=path)})
            seen = program.run("check")
            self.assertEqual(seen.status, 3, seen)
            self.assertIn("UTF-16", seen.stderr)

    FORMS = {"UTF-8 with a mark": lambda text: BOM + text, "UTF-16": lambda text: text.decode().encode("utf-16"),
             "UTF-16, big": lambda text: b"\xfe\xff" + text.decode().encode("utf-16-be"),
             "UTF-16 without a mark": lambda text: text.decode().encode("utf-16-le"),
             "lines of Windows": lambda text: text.replace(b"\n", b"\r\n")}

    def test_a_certificate_to_import(self):
        certificate = pki.auth_certificate(100)
        for name, form in self.FORMS.items():
            with self.subTest(name), Program({"directory": {"uri": "ldaps://dc1.contoso.test", "bind": "anonymous"}}) as program:
                seen = program.run("import", program.file("certificate.pem", form(certificate.pem)))
                self.assertEqual((seen.status, certificate.thumbprint in seen.stdout), (0, True), seen)

    def test_certificates_to_trust_and_to_seal_to(self):
        recovery = pki.auth_certificate(1000, key=pki.new_key("p256"))
        with slapd.Slapd() as directory, Program("") as program:
            for name, form in self.FORMS.items():
                with self.subTest(name):
                    program.write({"directory": directory.directory_config(
                        ca_file=program.file("ca.pem", form(directory.ca.pem)), records="yes"),
                        "state": {"recovery_certificate": program.file("recovery.pem", form(recovery.pem))}})
                    seen = program.run("doctor")
                    self.assertRegex(seen.stdout, f"ok +{directory.uri}: ")
                    self.assertRegex(seen.stdout, "ok +recovery certificate: ")

    def test_a_password_of_a_pfx(self):
        """Taken to the letter, for a password may hold anything; when it does not open, what is odd is said."""
        certificate = pki.auth_certificate(100)
        for form, word in self.ODD + ((lambda text: text.decode().encode("utf-16"), "UTF-16"),):
            with self.subTest(word), Program({"directory": {"uri": "ldaps://dc1.contoso.test", "bind": "anonymous"}}) as program:
                text = form(b"SECRETSECRET") if callable(form) else form % b"SECRETSECRET"
                pfx = program.file("key.pfx", certificate.pfx(b"SECRETSECRET"), 0o600)
                seen = program.run("import", "--password-file", program.secret("password", text), pfx)
                self.assertEqual(seen.status, 2 if word == "UTF-16" else 1, seen)
                self.assertIn(word, seen.stderr)
                self.assertNotIn("SECRETSECRET", seen.stderr)
                seen = program.run("import", "--password-file", program.secret("password", b"SECRETSECRET\r\n"), pfx)
                self.assertEqual(seen.status, 0, seen)

    def test_a_password_of_the_kept_keys(self):
        certificate = pki.auth_certificate(100)
        with slapd.Slapd() as directory, Program("") as program:
            def use(text):
                path = program.secret("keys", text)
                program.write({"directory": directory.directory_config(), "policy": {"mode": "renew"},
                               "state": {"key_password_file": path}})
            use(b"a key password of many letters\r\n")
            pfx = program.file("key.pfx", certificate.pfx(b"SECRETSECRET"), 0o600)
            seen = program.run("import", "--password-file", program.secret("password", b"SECRETSECRET"), pfx)
            self.assertIn("private key kept", seen.stdout, seen)
            for form, word in self.ODD:
                with self.subTest(word):
                    use(form % b"a key password of many letters")
                    seen = program.run("doctor")
                    self.assertIn("note that the file with it ", seen.stdout)
                    self.assertIn(word, seen.stdout)
                    self.assertNotIn("of many letters", seen.stdout)

    def test_an_address(self):
        for data, word in ((BOM + b"https://x.contoso.test/SECRETSECRET\n", "begins with U+FEFF"),
                           ("https://x.contoso.test/SECRETSECRET".encode("utf-16"), "UTF-16"),
                           (b"https://x.contoso.test/SECRETSECRET\r\n\r\n", "more than one line")):
            with self.subTest(word), Program("") as program:
                path = program.secret("url", data)
                program.write({"directory": {"uri": "ldaps://dc1.contoso.test", "bind": "anonymous"},
                                   "webhook": {"url_file": path}})
                seen = program.run("notify", "--test")
                self.assertEqual(seen.status, 2, seen)
                self.assertIn(word, seen.stderr)
                self.assertNotIn("SECRETSECRET", seen.stderr)

    def test_a_configuration(self):
        text = "[directory]\nuri = ldaps://dc1.contoso.test\nbind = anonymous\n"
        for data, word in ((text.encode("utf-16"), "UTF-16"), (text.encode("utf-16-le"), "UTF-16"),
                           (text.replace(" = ", "\u00a0= ").encode(), "U+00A0"),
                           (text.replace("dc1", "d\u200bc1").encode(), "U+200B"),
                           (text.replace("dc1", "d\xe4").encode("cp1252"), "ANSI")):
            with self.subTest(word), Program("") as program:
                program.config.write_bytes(data)
                seen = program.run("config", "check")
                self.assertEqual(seen.status, 2, seen)
                self.assertIn(word, seen.stderr)
        with Program("") as program:
            program.config.write_bytes(BOM + ("# \u00a0 \u201cours\u201d\n" + text).replace("\n", "\r\n").encode())
            self.assertEqual(program.run("config", "check").status, 0)


if __name__ == "__main__":
    unittest.main()
