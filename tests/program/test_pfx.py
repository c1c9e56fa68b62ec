"""The PFX files that are delivered to Exchange servers, as programs of others read them: OpenSSL, GnuTLS, NSS, and Java
where it is installed. Both forms, each with the right and with a wrong password."""

import hashlib
import os
import re
import shutil
import stat
import subprocess
import tempfile
import unittest
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12

import program
import wait

PASSWORD = "K7QWJ2MZ5TR4XN6HBVCDLFPGYA"
WRONG = "K7QWJ2MZ5TR4XN6HBVCDLFPGYB"
SUBJECT = "Microsoft Exchange Server Auth Certificate"
FRIENDLY_NAME = re.compile(SUBJECT + r" - \d{14}\b", re.IGNORECASE)  # Java writes names in lower case
FORMS = ("legacy", "modern")


def driver():
    built = program.binary().parent / "tests/renew/keys/pfx_driver"
    if not built.exists():
        raise AssertionError(f"{built} is not built: it comes with the presets that build tests")
    return built


def run(*command):
    """(exit status, all output) of a program of others, in an environment that asks nobody for anything."""
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=wait.HANG, check=False,
                          stdin=subprocess.DEVNULL, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8",
                                                         "HOME": "/nonexistent", "TZ": "UTC"})
    return done.returncode, done.stdout + done.stderr


class Pfx(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="authcert-pfx-")))
        cls.thumbprint, cls.file = {}, {}
        password = cls.folder / "password"
        password.write_text(PASSWORD + "\n")
        password.chmod(0o600)
        for form in FORMS:
            cls.file[form] = cls.folder / f"{form}.pfx"
            status, output = run(driver(), form, password, cls.file[form])
            if status != 0:
                raise AssertionError(output)
            cls.thumbprint[form] = output.strip()

    def reads(self, form, *command):
        status, output = run(*command)
        self.assertEqual(status, 0, f"{form}: {command}: {output}")
        return output

    def refuses(self, form, *command):
        status, output = run(*command)
        self.assertNotEqual(status, 0, f"{form}: {command}: {output}")

    def test_the_file_is_private(self):
        for form in FORMS:
            self.assertEqual(stat.S_IMODE(os.stat(self.file[form]).st_mode), 0o600)

    def test_openssl(self):
        """Without its legacy provider: nothing here asks for that."""
        expected = {"legacy": ("MAC: sha1, Iteration 2048", "pbeWithSHA1And3-KeyTripleDES-CBC, Iteration 2048"),
                    "modern": ("MAC: sha256, Iteration 10000", "PBES2, PBKDF2, AES-256-CBC, Iteration 10000, PRF "
                                                               "hmacWithSHA256")}
        for form in FORMS:
            command = ["/usr/bin/openssl", "pkcs12", "-info", "-nodes", "-in", self.file[form], "-passin"]
            output = self.reads(form, *command, "pass:" + PASSWORD)
            mac, cipher = expected[form]
            self.assertIn(mac, output)
            self.assertEqual(output.count(cipher), 2, output)
            self.assertEqual(len(FRIENDLY_NAME.findall(output)), 2, output)
            self.assertIn("Microsoft Local Key set: <No Values>", output)
            self.assertIn("Microsoft CSP Name: Microsoft Enhanced RSA and AES Cryptographic Provider", output)
            self.assertIn("X509v3 Key Usage: 10", output)
            ids = set(re.findall(r"localKeyID: ([0-9A-F ]+?) *\n", output))
            self.assertEqual({text.replace(" ", "") for text in ids}, {self.thumbprint[form]})
            self.refuses(form, *command, "pass:" + WRONG)

    def test_openssl_finds_a_sound_key(self):
        for form in FORMS:
            both = self.folder / "both.pem"
            self.reads(form, "/usr/bin/openssl", "pkcs12", "-nodes", "-in", self.file[form], "-passin",
                       "pass:" + PASSWORD, "-out", both)
            self.assertIn("Key is valid", self.reads(form, "/usr/bin/openssl", "pkey", "-check", "-noout", "-in", both))
            self.assertEqual(self.reads(form, "/usr/bin/openssl", "pkey", "-pubout", "-in", both),
                             self.reads(form, "/usr/bin/openssl", "x509", "-pubkey", "-noout", "-in", both))

    def test_gnutls(self):
        expected = {"legacy": ("MAC: SHA1", "Cipher: 3DES-CBC"), "modern": ("MAC: SHA256", "Cipher: AES-256-CBC")}
        for form in FORMS:
            command = ["/usr/bin/certtool", "--p12-info", "--inder", "--infile", self.file[form], "--password"]
            output = self.reads(form, *command, PASSWORD)
            mac, cipher = expected[form]
            self.assertIn(mac, output)
            self.assertEqual(output.count(cipher), 2, output)
            self.assertEqual(len(FRIENDLY_NAME.findall(output)), 2, output)
            self.assertIn("Type: PKCS #8 Encrypted key", output)
            self.assertIn("Type: Certificate", output)
            self.refuses(form, *command, WRONG)

    def test_nss(self):
        for form in FORMS:
            output = self.reads(form, "/usr/bin/pk12util", "-l", self.file[form], "-W", PASSWORD)
            self.assertIn("Certificate(has private key)", output)
            self.assertIn(f'Subject: "CN={SUBJECT}"', output)
            self.assertEqual(len(FRIENDLY_NAME.findall(output)), 2, output)
            self.assertIn(self.thumbprint[form], output.replace(":", ""))
            self.refuses(form, "/usr/bin/pk12util", "-l", self.file[form], "-W", WRONG)

    def test_nss_takes_the_key_in(self):
        """Listing decrypts the certificate only; importing decrypts the key."""
        for form in FORMS:
            store = self.folder / f"nss-{form}"
            store.mkdir()
            self.reads(form, "/usr/bin/certutil", "-N", "-d", f"sql:{store}", "--empty-password")
            self.reads(form, "/usr/bin/pk12util", "-i", self.file[form], "-d", f"sql:{store}", "-W", PASSWORD)
            self.assertRegex(self.reads(form, "/usr/bin/certutil", "-K", "-d", f"sql:{store}"), FRIENDLY_NAME)

    @unittest.skipUnless(shutil.which("keytool"), "Java is not installed")
    def test_java(self):
        for form in FORMS:
            command = [shutil.which("keytool"), "-list", "-v", "-storetype", "PKCS12", "-keystore", self.file[form],
                       "-storepass"]
            output = self.reads(form, *command, PASSWORD)
            self.assertIn("Entry type: PrivateKeyEntry", output)
            self.assertRegex(output, FRIENDLY_NAME)
            self.assertIn(self.thumbprint[form], output.replace(":", ""))
            self.refuses(form, *command, WRONG)

    def test_the_certificate_has_the_profile(self):
        for form in FORMS:
            seen = pkcs12.load_pkcs12(self.file[form].read_bytes(), PASSWORD.encode())
            certificate = seen.cert.certificate
            self.assertEqual(hashlib.sha1(certificate.public_bytes(Encoding.DER)).hexdigest().upper(),
                             self.thumbprint[form])
            self.assertEqual(certificate.subject.rfc4514_string(), f"CN={SUBJECT}")
            self.assertEqual(certificate.issuer, certificate.subject)
            self.assertEqual(certificate.not_valid_after.year, certificate.not_valid_before.year + 5)
            self.assertEqual({extension.oid for extension in certificate.extensions},
                             {x509.OID_KEY_USAGE, x509.OID_EXTENDED_KEY_USAGE, x509.OID_BASIC_CONSTRAINTS})
            self.assertEqual(seen.key.key_size, 2048)
            self.assertEqual(seen.key.public_key().public_numbers(), certificate.public_key().public_numbers())


if __name__ == "__main__":
    unittest.main()
