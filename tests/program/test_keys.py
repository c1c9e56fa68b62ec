"""What becomes of kept key pairs that nothing needs any more."""

import unittest

import pki
import renewal


def epoch(days):
    return (pki.now() + pki.days(days)).timestamp()


class Pruning(unittest.TestCase):
    """Imported pairs stand for retired ones: both are kept as used, and are in no slot."""

    def setUp(self):
        self.current = pki.auth_certificate(900)
        self.bed = self.enterContext(renewal.Bed(current=self.current))
        self.others = [pki.auth_certificate(days, key=pki.new_key()) for days in (-31, -29, 100)]
        for number, pair in enumerate(self.others + [self.current]):
            file = self.bed.program.file(f"{number}.pem", pair.pem + pair.key_pem, 0o600)
            self.assertEqual(self.bed.program.run("import", file).status, 0)
        self.everything = self.names(*self.others, self.current)
        self.assertEqual(self.bed.keys(), self.everything)

    def names(self, *pairs):
        return sorted(pair.thumbprint + ".key" for pair in pairs)

    def test_what_ended_a_month_ago_goes_and_the_history_says_so(self):
        doctor = self.bed.program.run("doctor").stdout
        for pair in self.others:
            self.assertRegex(doctor, "unused key: " + pair.thumbprint)
        self.assertNotIn("unused key: " + self.current.thumbprint, doctor)
        self.assertEqual(self.bed.keys(), self.everything, "doctor removes nothing")
        self.assertEqual(self.bed.run("run").status, 0)
        self.assertEqual(self.bed.keys(), self.names(*self.others[1:], self.current))
        self.assertIn("prune " + self.others[0].thumbprint, self.bed.program.run("history").stdout)
        self.assertEqual(self.bed.run("run", now=epoch(2)).status, 0)
        self.assertEqual(self.bed.keys(), self.names(self.others[2], self.current))

    def test_what_a_killed_run_left_behind_goes(self):
        left = self.bed.program.state / "keys" / ".authcert-0123456789abcdef.tmp"
        left.write_text("a key in the writing")
        self.assertEqual(self.bed.run("check").status, 0)
        self.assertTrue(left.exists(), "check changes nothing")
        self.assertEqual(self.bed.run("run").status, 0)
        self.assertFalse(left.exists())

    def test_nothing_goes_without_a_run_that_may(self):
        for args in (("check",), ("run", "--dry-run"), ("retire",), ("renew", "--dry-run")):
            self.bed.run(*args)
            self.assertEqual(self.bed.keys(), self.everything, args)
        self.bed.program.change("policy", mode="monitor")
        self.assertEqual(self.bed.run("run").status, 0)
        self.assertEqual(self.bed.keys(), self.everything, "mode monitor")

    def test_nothing_goes_while_the_directory_is_unread_or_malformed(self):
        self.bed.directory.stop()
        self.assertEqual(self.bed.run("run").status, 3)
        self.assertEqual(self.bed.keys(), self.everything)
        self.bed.directory.start()
        good = self.bed.values()
        self.bed.directory.replace(self.bed.organization.auth_dn, msExchAuthCertificateThumbprint=good + ["7:" + "A" * 40])
        self.assertEqual(self.bed.run("run").report["decision"]["id"], "malformed")
        self.assertEqual(self.bed.keys(), self.everything)

    def test_nothing_goes_by_a_wrong_clock(self):
        self.assertEqual(self.bed.run("run").status, 0)
        file = self.bed.program.folder / "0.pem"
        self.assertEqual(self.bed.program.run("import", file).status, 0)
        self.assertEqual(self.bed.run("run", now=epoch(-1 / 24)).status, 0)
        self.assertEqual(self.bed.keys(), self.everything, "an hour before the last run")
        self.assertEqual(self.bed.run("run", now=epoch(1 / 24)).status, 0)
        self.assertNotEqual(self.bed.keys(), self.everything)

    def test_a_slot_s_key_stays_however_long_it_is_over(self):
        self.bed.directory.replace(self.bed.organization.auth_dn, msExchAuthCertificateThumbprint=[
            "0:" + self.current.thumbprint, "1:" + self.others[0].thumbprint])
        self.assertEqual(self.bed.run("run").status, 0)
        self.assertIn(self.others[0].thumbprint + ".key", self.bed.keys())


class RecoveryCertificate(unittest.TestCase):
    def test_doctor_looks_at_it(self):
        good, old = (pki.auth_certificate(days, key="rsa3072", subject="Recovery") for days in (900, -9))
        weak = pki.auth_certificate(900)
        with renewal.Bed(current=pki.auth_certificate(900)) as bed:
            path = bed.program.folder / "recovery.crt"
            bed.program.change("state", recovery_certificate=path)
            for content, words in ((None, "FAILED .*there is no such file"), (good.pem, "ok .*RSA 3072"),
                                   (good.der, "ok .*RSA 3072"), (old.pem, "warning .*has ended"),
                                   (weak.pem, "FAILED .*at least 3072 bits"),
                                   (good.pem + good.key_pem, "FAILED .*holds a private key"),
                                   (good.pem + old.pem, "FAILED .*2 certificates"), (b"hello", "FAILED .*")):
                if content is not None:
                    path.write_bytes(content)
                seen = [line for line in bed.program.run("doctor").stdout.splitlines() if "recovery certificate:" in line]
                self.assertEqual(len(seen), 1)
                self.assertRegex(seen[0], words)


if __name__ == "__main__":
    unittest.main()
