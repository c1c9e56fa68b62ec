"""What people type, paste and bring from Windows: characters that nobody sees are taken where they can be, and named
where they cannot."""

import unittest

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
