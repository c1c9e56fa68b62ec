"""What doctor finds before the night does: keys that cannot be opened and a delivery command that will not be run."""

import unittest

import pki
import renewal


class Doctor(unittest.TestCase):
    def examine(self, bed, status):
        """{what: verdict} of the lines that it prints."""
        seen = bed.program.run("doctor")
        self.assertEqual(seen.status, status, seen)
        self.seen = seen.stdout
        return {line[8:].split(": ")[0]: line[:8].strip() for line in seen.stdout.splitlines()}

    def test_what_acting_needs(self):
        with renewal.Bed(current=pki.auth_certificate(21)) as bed:
            found = self.examine(bed, 0)
            self.assertEqual((found["key store"], found["delivery"]), ("ok", "ok"), self.seen)
            self.assertEqual(bed.run("run").status, 0)
            self.examine(bed, 0)
            self.assertIn("1 private key is kept, and can be opened", self.seen)

            password = bed.program.folder / "key-password"
            password.write_text("another password than before\n")
            self.assertEqual(self.examine(bed, 1)["key store"], "FAILED", self.seen)
            self.assertIn(bed.slots()["2"], self.seen)
            password.unlink()
            self.assertEqual(self.examine(bed, 1)["key store"], "FAILED", self.seen)

    def test_a_delivery_command_that_others_can_change(self):
        with renewal.Bed(current=pki.auth_certificate(21)) as bed:
            (bed.program.folder / "deliver").chmod(0o777)
            self.assertEqual(self.examine(bed, 1)["delivery"], "FAILED", self.seen)
            self.assertIn("make it 0755", self.seen)

    def test_mode_monitor_misses_nothing(self):
        with renewal.Bed(current=pki.auth_certificate(21), delivery=False, policy={"mode": "monitor"}) as bed:
            bed.program.change("state", key_password_file=None)
            found = self.examine(bed, 0)
            self.assertFalse({"key store", "delivery"} & set(found), self.seen)

    def test_a_silent_directory_is_told_once(self):
        with renewal.Bed(current=pki.auth_certificate(21)) as bed:
            bed.directory.stop()
            self.assertEqual(self.examine(bed, 3)["organization"], "FAILED")
            self.assertEqual(self.seen.count("Nothing answers there"), 1, self.seen)


if __name__ == "__main__":
    unittest.main()
