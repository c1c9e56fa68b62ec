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

    def test_one_truth_with_check(self):
        """As grave as there, with the one command; nothing that the state speaks of is called ok beside it."""
        for options, verdict, command in (
                ({"current": pki.auth_certificate(-2.5)}, "FAILED", "recover"),
                ({"current": pki.auth_certificate(400), "values": ["2:" + "A" * 40]}, "FAILED", "recover"),
                ({"current": pki.auth_certificate(400), "values": ["0:" + "A" * 40]}, "FAILED", "import FILE"),
                ({"current": pki.auth_certificate(5), "policy": {"mode": "monitor"}}, "FAILED", "renew"),
                ({"current": pki.auth_certificate(20), "policy": {"mode": "monitor"}}, "warning", "renew"),
                ({"current": pki.auth_certificate(400)}, "ok", None)):
            with self.subTest(command=command, verdict=verdict), renewal.Bed(**options) as bed:
                found = self.examine(bed, 1 if verdict == "FAILED" else 0)
                briefing = bed.run("check").report["briefing"]
                self.assertEqual(found["state"], verdict, self.seen)
                typed = f"; type: authcert -c {bed.program.config} {command}" if command else ""
                self.assertIn(f"state: {briefing['wrong']}{typed}\n", self.seen)
                self.assertEqual("ok      current: " in self.seen, command not in ("recover", "import FILE"), self.seen)

    def test_the_last_line_counts(self):
        with renewal.Bed(current=pki.auth_certificate(400)) as bed:
            bed.program.change("servers", ca_file="/nonexistent")
            (bed.program.folder / "deliver").chmod(0o777)
            seen = bed.program.run("doctor")
            lines = [line.split()[0] for line in seen.stdout.splitlines() if line[0] != " "]
            counts = [lines[:-1].count(word) for word in ("ok", "warning", "FAILED")]
            self.assertEqual(seen.stdout.splitlines()[-1], "{} ok, {} warning{s}, {} FAILED".format(
                *counts, s="" if counts[1] == 1 else "s"))
            self.assertGreater(counts[0], 3)
            self.assertEqual(counts[2], 2)  # the delivery, and so the rehearsal
            report = bed.program.run("doctor", json=True).report
            self.assertEqual(list(report["counts"].values()), counts)
            self.assertEqual([found["result"].upper()[:2] for found in report["findings"]], [word.upper()[:2] for word in lines[:-1]])

    def test_one_cause_once(self):
        with renewal.Bed(current=pki.auth_certificate(400)) as bed:
            bed.program.change("directory", uri=["ldaps://127.0.0.1:1", "ldaps://127.0.0.1:2"],
                               ca_file=bed.program.file("damaged.pem", "no certificate"))
            self.examine(bed, 3)
            self.assertEqual(self.seen.count("could not be read as certificates"), 1, self.seen)
            self.assertIn("FAILED  ldaps://127.0.0.1:2: for the same reason as ldaps://127.0.0.1:1\n", self.seen)


if __name__ == "__main__":
    unittest.main()
