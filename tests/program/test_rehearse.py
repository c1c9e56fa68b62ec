"""The emergency gone through without any effect: what recover would lack is found, and nothing anywhere is changed."""

import json
import re
import unittest

import pki
import renewal
import slapd

THUMBPRINTS, DATE = renewal.THUMBPRINTS, renewal.DATE
DAY = 86400


class Case(unittest.TestCase):
    def bed(self, rule=None, days=400, **options):
        made = renewal.Bed(current=pki.auth_certificate(days), **options)
        if rule is not None:
            made.directory.access.append(f'access to dn.base="{made.organization.auth_dn}" {rule} by users read')
        made.__enter__()
        self.addCleanup(made.__exit__, None, None, None)
        return made

    def everything(self, bed):
        """The directory, the state folder and what was delivered."""
        return (bed.directory.search(bed.organization.auth_dn.split(",", 1)[1], attributes=["*", "+"]),
                {path: (path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else None)
                 for path in sorted(bed.program.state.rglob("*"))}, bed.delivered())

    def rehearse(self, bed, status, *lines, **options):
        """It changes nothing, ends so, and each line is there."""
        before = self.everything(bed)
        seen = bed.program.run("recover", "--rehearse", **options)
        self.assertEqual(self.everything(bed), before)
        self.assertEqual(seen.status, status, seen)
        for line in lines:
            self.assertRegex(seen.stdout, re.compile("^" + line, re.MULTILINE | re.IGNORECASE))
        last = seen.stdout.splitlines()[-1]
        self.assertEqual("would fail" in last, status == 1, seen)
        self.assertIn("Nothing was changed.", last)
        self.assertEqual(seen.stdout.count("\nFAILED"), int(re.search(r": (\d+) of these failed|()$", last)[1] or 0), seen)
        return seen.stdout


class Rehearsal(Case):
    def test_all_is_there(self):
        bed = self.bed()
        self.rehearse(bed, 0, "ok +the way: a new key pair would be made, brought to 3 servers by the delivery command",
                      "ok +write rights", "ok +writer", "ok +key store", "ok +key pair", "ok +delivery", "warning clock")
        self.assertEqual(bed.run("run").status, 0)
        self.rehearse(bed, 0)
        bed.program.change("policy", mode="monitor")
        self.rehearse(bed, 0)

    def test_status_names_it_where_no_run_rehearses(self):
        bed = self.bed(policy={"mode": "monitor"})
        self.assertEqual(bed.run("run").status, 0)
        self.assertRegex(bed.program.run("status").stdout,
                         "(?m)^Mode: .*; rehearse the emergency: authcert recover --rehearse$")

    def test_by_hand(self):
        self.rehearse(self.bed(delivery=False), 0, "ok +delivery: by hand: ")

    def test_what_is_staged_is_the_way(self):
        bed = self.bed(days=21)
        self.assertEqual(bed.run("run").status, 0)
        self.rehearse(bed, 0, f"ok +the way: {bed.slots()['2']} would become current")

    def test_rights(self):
        for closed, others in ((f"attrs={DATE}", DATE), (f"attrs={THUMBPRINTS}", THUMBPRINTS), ("", f"{THUMBPRINTS} and {DATE}")):
            with self.subTest(closed):
                for mode in "renew", "monitor":
                    bed = self.bed(closed, policy={"mode": mode})
                    text = self.rehearse(bed, 1, f"FAILED +write rights: the account lacks Write Property on {others} of ",
                                         f"dn: {bed.organization.auth_dn}", "changetype: modify",
                                         f"{THUMBPRINTS}: 0:THUMBPRINT")
                    self.assertNotIn("FFFF", text)

    def test_rights_that_nobody_tells(self):
        bed = renewal.Bed(current=pki.auth_certificate(400))
        bed.directory.extra.append("readonly on")
        bed.__enter__()
        self.addCleanup(bed.__exit__, None, None, None)
        self.rehearse(bed, 1, "FAILED +write rights: the directory does not tell whether the account may write")

    def test_the_change_that_someone_else_would_write_is_good(self):
        bed = self.bed("")
        text = self.rehearse(bed, 1)
        ldif = text[text.rindex("\ndn: ") + 1:text.rindex("The emergency was rehearsed")].replace("THUMBPRINT", "A" * 40)
        bed.directory.modify(ldif)
        self.assertEqual(bed.slots()["0"], "A" * 40)

    def test_the_delivery_command(self):
        bed = self.bed()
        (bed.program.folder / "deliver").chmod(0o777)
        self.rehearse(bed, 1, "FAILED +delivery: .*make it 0755")
        (bed.program.folder / "deliver").unlink()
        self.rehearse(bed, 1, "FAILED +delivery: ")

    def test_the_key_password(self):
        bed = self.bed(policy={"mode": "monitor"})
        (bed.program.folder / "key-password").unlink()
        self.rehearse(bed, 1, "FAILED +key store: ")
        bed.program.change("state", key_password_file=None)
        self.rehearse(bed, 1, "FAILED +key store: ")

    def test_the_recovery_certificate(self):
        bed = self.bed()
        bed.program.change("state", recovery_certificate=bed.program.file("recovery.crt", "no certificate\n"))
        self.rehearse(bed, 1, "FAILED +recovery certificate: ")

    def test_a_relay(self):
        bed = self.bed()
        bed.program.change("mail", relay=f"smtp://127.0.0.1:{slapd.free_port()}", tls="off", to="admins@contoso.test",
                           **{"from": "authcert@contoso.test"})
        self.rehearse(bed, 1, "FAILED +smtp://127.0.0.1")

    def test_the_clock(self):
        bed = self.bed()
        self.assertEqual(bed.run("run").status, 0)
        self.rehearse(bed, 1, "FAILED +clock: this host's clock is earlier than ",
                      now=pki.now().timestamp() - 7200)

    def test_no_server(self):
        self.rehearse(self.bed(servers=[]), 1, "FAILED +servers: ")

    def test_no_directory(self):
        bed = self.bed()
        bed.directory.stop()
        self.assertEqual(bed.program.run("recover", "--rehearse").status, 3)


class Doctor(Case):
    def line(self, bed, status):
        seen = bed.program.run("doctor")
        self.assertEqual(seen.status, status, seen)
        lines = [line for line in seen.stdout.splitlines() if re.match(r"\w+ +rehearsal: ", line)]
        self.assertEqual(len(lines), 1, seen)
        return lines[0]

    def test_one_line(self):
        bed = self.bed()
        self.assertTrue(self.line(bed, 0).startswith("ok "))
        (bed.program.folder / "deliver").unlink()
        self.assertRegex(self.line(bed, 1), "^FAILED .* would fail for 1 reason, which")

    def test_mode_monitor_is_warned(self):
        bed = self.bed("", policy={"mode": "monitor"})
        self.assertRegex(self.line(bed, 0), "^warning .* would fail for 1 reason, which")


class Nights(Case):
    def rehearsed(self, bed):
        return bed.history()["rehearsed"]

    def events(self, bed):
        return [event for event in bed.history()["events"] if "rehearsed" in event["text"]]

    def test_once_a_month(self):
        bed = self.bed()
        metrics = bed.program.folder / "authcert.prom"
        bed.program.change("metrics", textfile=metrics)
        now = int(pki.now().timestamp())
        for day, count in (0, 1), (1, 1), (29, 1), (31, 2):
            self.assertEqual(bed.run("run", now=now + day * DAY).status, 0)
            self.assertEqual(len(self.events(bed)), count, day)
        self.assertIn("authcert recover would find all that it needs", self.events(bed)[0]["text"])
        text = metrics.read_text()
        self.assertRegex(text, r"authcert_rehearsal_last_passed_timestamp_seconds\{.*\} \d+")
        self.assertRegex(text, r"authcert_rehearsal_lacking\{.*\} 0")
        self.assertRegex(bed.program.run("status", now=now + 31 * DAY).stdout, r"(?m)^Mode: .*; emergency rehearsed \S+: passed$")

    def test_what_fails_is_said_and_tried_again(self):
        bed = self.bed()
        now = int(pki.now().timestamp())
        self.assertEqual(bed.run("run", now=now).status, 0)
        (bed.program.folder / "deliver").chmod(0o777)
        history = bed.history()
        history["rehearsed"]["at"] = "2026-01-01T00:00:00Z"
        (bed.program.state / "history.json").write_text(json.dumps(history))
        seen = bed.run("run", now=now + DAY)
        self.assertEqual(seen.status, 0, seen)
        self.assertRegex(seen.stderr, "authcert recover would fail.* delivery: ")
        self.assertTrue(self.rehearsed(bed)["lacking"])
        self.assertRegex(bed.program.run("status", now=now + DAY).stdout, r"emergency rehearsed \S+: failed, last passed \S+\n")
        self.assertIn("rehearsal-failed", [reason["id"] for reason in bed.run("check", now=now + DAY).report["decision"]["reasons"]])
        (bed.program.folder / "deliver").chmod(0o755)
        self.assertNotIn("rehearsed", bed.run("run", now=now + 2 * DAY).stderr)
        self.assertEqual(self.rehearsed(bed)["lacking"], [])

    def test_not_in_mode_monitor_and_not_in_a_dry_run(self):
        bed = self.bed(policy={"mode": "monitor"})
        self.assertEqual(bed.run("run").status, 0)
        self.assertEqual(self.events(bed), [])
        bed = self.bed()
        self.assertEqual(bed.run("run", "--dry-run").status, 0)
        self.assertFalse((bed.program.state / "history.json").exists())


class Recover(Case):
    def test_rights_are_tested_before_anything_is_made(self):
        for rule, date in ("", None), (f"attrs={DATE}", "20300101000000.0Z"):
            with self.subTest(rule):
                bed = self.bed(rule, days=-3, date=date)
                seen = bed.run("recover", "--yes")
                self.assertEqual(seen.status, 1, seen)
                self.assertEqual((bed.keys(), bed.delivered()), ([], []))

    def test_a_right_that_is_not_needed_holds_nothing_back(self):
        bed = self.bed(f"attrs={DATE}", days=-3)
        self.assertEqual(bed.run("recover", "--yes").status, 0)


if __name__ == "__main__":
    unittest.main()
