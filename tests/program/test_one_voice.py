"""One voice: in every state all surfaces say the same three lines, and say what an admin needs to hear in that state.

The surfaces: text, status, --last, Nagios, JSON, metrics, mail in both its parts, chat, report and journal. The organization
is a real slapd, the servers that are asked real nginx, the relay a real SMTP server.
"""

import contextlib
import datetime
import html
import json
import re
import unittest

import exchange
import journal
import pki
import probed
import renewal
import smtp
import web
from pki import days, now
from program import ROOT
from terminal import on_terminal

HOUR = 3600
NOTHING = "nothing to do"


def flat(text):
    """However a surface folds its lines."""
    return " ".join(text.split())


def now_text(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def texts(value):
    """Every text that a person sees of a message in a chat."""
    if isinstance(value, dict):
        for key, member in value.items():
            yield from [member] if key == "text" and isinstance(member, str) else texts(member)
    elif isinstance(value, list):
        for member in value:
            yield from texts(member)


def visible(page):
    return flat(html.unescape(re.sub(r"<[^>]+>", " ", page)))


class OneVoice(unittest.TestCase):
    def setUp(self):
        self.cleanup = contextlib.ExitStack()
        self.addCleanup(self.cleanup.close)

    def bed(self, current, kind=renewal.Bed, **options):
        bed = self.cleanup.enter_context(kind(current=current, **options))
        self.relay = self.cleanup.enter_context(smtp.Relay(starttls=True))
        self.room = self.cleanup.enter_context(web.Server())
        self.journal = self.cleanup.enter_context(journal.Journal())
        program = bed.program
        program.executable = web.trusting(program.folder, program.executable)
        program.change("webhook", format="slack", url_file=program.secret("address", self.room.address + "/hook\n"))
        program.change("metrics", textfile=program.folder / "authcert.prom")
        bed.program.change("mail", relay=self.relay.uri, ca_file=self.relay.ca_file, **{"from": "authcert@contoso.test"},
                           to="admins@contoso.test")
        return bed

    def assert_heard(self, surface, text, briefing, status):
        """All three lines, in their order, before anything else that could be taken for advice."""
        lines = [briefing["wrong"], briefing["by_itself"], briefing["command"] or NOTHING]
        place = -1
        for line in lines:
            self.assertIn(flat(line), flat(text), surface)
            at = flat(text).index(flat(line), place + 1)
            self.assertGreater(at, place, surface)
            place = at
        self.assertLess(place, 1500, f"{surface}: the three lines stand at the top")

    def walk(self, bed, wrong, by_itself, command, status, mails=True, act=("check",), at=None, run=True):
        """Every surface on this state; what the three lines have to say is given as regular expressions. At the end a
        `run` that systemd starts, for the surfaces that only a run has."""
        program = bed.program
        seen = program.run(*act, json=True, now=at)
        briefing = seen.report["briefing"]
        self.assertEqual(seen.report["status"], status, seen)
        self.assertRegex(briefing["wrong"], wrong)
        self.assertRegex(briefing["by_itself"], by_itself)
        self.assertEqual(briefing["command"], command and command.replace("authcert", f"authcert -c {program.config}", 1))
        self.assertEqual(seen.report["summary"], briefing["wrong"])
        if act == ("check",):
            for surface in (("check",), ("status",), ("--format", "nagios", "check")):
                self.assert_heard(surface, program.run(*surface, now=at).stdout, briefing, status)
            self.assert_metric(program.run("--format", "prometheus", "check", now=at).stdout, status)
            page = program.folder / "page.html"
            page.unlink(missing_ok=True)
            program.run("report", page, now=at)
            self.assert_heard("report", visible(page.read_text()[page.read_text().index("<body"):]), briefing, status)
        if mails and self.relay.messages:
            message = self.relay.messages[-1]
            self.assert_heard("mail", message.body, briefing, status)
            self.assert_heard("mail's HTML", visible(message.html), briefing, status)
            self.assertEqual(len(self.room.requests), len(self.relay.messages))
            said = " ".join(texts(json.loads(self.room.requests[-1].body)))
            self.assert_heard("chat", html.unescape(said), briefing, status)
        if run:
            self.walk_after_run(program, at)
        return seen

    def walk_after_run(self, program, at):
        """What a run leaves speaks of the state that it ended with."""
        executable, program.executable = program.executable, self.journal.executable(program.folder, program.executable)
        self.journal.entries()
        program.run("run", now=at)
        program.executable = executable
        last = json.loads((program.state / "last.json").read_text())
        briefing, status = last["briefing"], last["status"]
        whole = next(entry for entry in self.journal.entries() if "AUTHCERT_STATUS" in entry)
        self.assert_heard("journal", whole["MESSAGE"], briefing, status)
        self.assert_metric((program.folder / "authcert.prom").read_text(), status)
        seen = program.run("check", "--last", json=True, now=at)
        self.assertEqual((seen.report["briefing"], seen.report["status"]), (briefing, status))
        for surface in (("check", "--last"), ("--format", "nagios", "check", "--last")):
            self.assert_heard(surface, program.run(*surface, now=at).stdout, briefing, status)

    def assert_metric(self, text, status):
        self.assertEqual(re.findall(r'^authcert_status\{.*status="(\w+)"\} 1$', text, re.MULTILINE), [status])

    def test_healthy(self):
        bed = self.bed(pki.auth_certificate(400.5))
        self.walk(bed, r"^all is well: the auth certificate ends on \d{4}-\d\d-\d\d, in 400 days$",
                  r"^on .* authcert makes and stages the next certificate$", None, "ok")

    def test_the_end_comes_and_nobody_prepared(self):
        for left, status in ((80, "warning"), (20, "warning"), (5, "critical")):
            with self.subTest(left=left):
                bed = self.bed(pki.auth_certificate(left + 0.5), policy={"mode": "monitor"})
                bed.run("run")
                self.walk(bed, rf"^nobody has prepared the successor of the auth certificate, which ends on .*, in "
                               rf"{left} days$",
                          r"^nothing: with mode = monitor authcert only watches and tells$", "authcert renew", status)

    def test_the_next_run_does_it(self):
        bed = self.bed(pki.auth_certificate(80.5))
        self.walk(bed, r"^nobody has prepared the successor", r"^the next run stages a new certificate as next$", None,
                  "warning")

    def test_staged(self):
        bed = self.bed(pki.auth_certificate(80.5))
        bed.program.change("directory", records="no")
        bed.run("run")
        self.walk(bed, r"^all is well: the auth certificate ends on .*, and the next one takes over on ",
                  r"^on .* authcert makes the next certificate current$", None, "ok")
        self.assertLess(len(self.relay.messages[-1].body.splitlines()), 40, "an ordinary mail is short")

    def test_ended(self):
        bed = self.bed(pki.auth_certificate(-2.5), policy={"mode": "monitor"})
        bed.run("run")
        self.walk(bed, r"^the auth certificate ended on .*, 2 days ago, and nothing else can take its place$",
                  r"^nothing: with mode = monitor", "authcert recover", "critical")

    def test_malformed(self):
        bed = self.bed(pki.auth_certificate(400.5), values=["2:" + "A" * 40])
        bed.run("run")
        self.walk(bed, r"^the auth configuration is malformed, so Exchange fails on it now", r"^nothing: ",
                  "authcert recover", "critical")
        self.assertIn("2:" + "A" * 40, self.relay.messages[-1].body)

    def test_waits_for_a_person(self):
        bed = self.bed(pki.auth_certificate(20.5), delivery=False)
        seen = bed.run("run")
        thumbprint = self.candidate(bed)
        self.walk(bed, r"^nobody has prepared the successor", r"^nothing for now: the certificate is not yet on the servers",
                  f"authcert export {thumbprint} authcert.pfx", "warning")
        self.assertEqual(seen.report["incident"], None)

    def candidate(self, bed):
        """The key pair that waits, as the program's own advice names it."""
        command = bed.run("check").report["briefing"]["command"]
        return re.search(r"\b[0-9A-F]{40}\b", command)[0]

    def test_a_failed_delivery_says_why(self):
        """Each server's own reason stands in the message about it."""
        bed = self.bed(pki.auth_certificate(20.5))
        bed.program.file("deliver", "#!/bin/sh\ncat >/dev/null; echo ex1.contoso.test present\n"
                         "echo ex2.contoso.test failed access denied for svc\n", 0o755)
        bed.run("run")
        done = flat(self.relay.messages[-1].body.partition("== What was done ==")[2].partition("==")[0])
        self.assertRegex(done, r"deliver FAILED, .*: present on 1 of 3 servers asked for.* - delivery to ex2.contoso.test failed: "
                         r"access denied for svc .*ex3.contoso.test")

    def test_half_way_by_hand(self):
        """A colleague who comes later sees it, in either mode, and what the next step is."""
        bed = self.bed(pki.auth_certificate(-2.5), delivery=False, policy={"mode": "monitor"})
        bed.run("recover", "--yes")
        thumbprint = self.candidate(bed)
        seen = self.walk(bed, rf"^a recovery is half-way since .*: the new auth certificate {thumbprint} has to be brought "
                              r"to ex1.contoso.test, ex2.contoso.test, ex3.contoso.test$",
                         r"confirmed that", f"authcert export {thumbprint} authcert.pfx", "critical")
        self.assertEqual(seen.report["incident"]["step"], "made")
        self.assert_no_other(bed, thumbprint)
        self.assertEqual(seen.report["incident"]["thumbprint"], thumbprint)
        self.assertEqual(seen.report["incident"]["servers_left"],
                         ["ex1.contoso.test", "ex2.contoso.test", "ex3.contoso.test"])
        bed.run("deliver", "--confirm", thumbprint)
        seen = self.walk(bed, rf"^a recovery is half-way since .*: the new auth certificate {thumbprint} is on the servers "
                              r"and not current yet$", r"^nothing: with mode = monitor", "authcert recover", "critical")
        self.assertEqual(seen.report["incident"]["step"], "delivered")
        self.assert_no_other(bed, thumbprint)
        self.assertEqual(seen.report["incident"]["servers_left"], [])

    def assert_no_other(self, bed, thumbprint):
        """Nothing advises to make a competing certificate meanwhile."""
        page = bed.program.folder / "page.html"
        bed.program.run("report", page)
        said = {"check": bed.program.run("check").stdout, "mail": self.relay.messages[-1].body, "report": visible(page.read_text()),
                "deliver": bed.program.run("deliver").stdout, "history": bed.program.run("history").stdout}
        for surface, text in said.items():
            self.assertNotIn("New-ExchangeCertificate", text, surface)
            self.assertNotIn("a new certificate is needed", flat(text), surface)
            self.assertIn(thumbprint, text, surface)

    def test_written_and_not_served(self):
        """No green before it works."""
        current = pki.auth_certificate(-2.5)
        bed = self.bed(current, kind=probed.Bed, data=[current.der], servers=exchange.servers(2))
        began = int(now().timestamp())
        bed.night(began)
        thumbprint = bed.slots()["0"]
        self.assertNotEqual(thumbprint, current.thumbprint)
        seen = self.walk(bed, rf"^the auth certificate {thumbprint} was made current and is not in use yet on "
                              r"ex1.contoso.test, ex2.contoso.test$",
                         r"^Exchange takes it into use until .*restarts MSExchangeServiceHost", None, "warning",
                         at=began + HOUR)
        self.assertEqual(seen.report["incident"]["step"], "written")
        bed.go_on(began + 13 * HOUR)
        seen = self.walk(bed, r"^all is well", r"^on ", None, "ok", mails=False, at=began + 12 * HOUR)
        self.assertEqual(seen.report["incident"]["step"], "served")
        self.assertIsNone(bed.run("check", now=began + 13 * HOUR).report["incident"])

    def test_what_a_run_saw(self):
        """`--last` says that it speaks of a run and how old it is, and keeps what held the act back then."""
        bed = self.bed(pki.auth_certificate(20.5), allowed=exchange.WRITABLE, effective=())
        began = int(now().timestamp())
        bed.run("run", now=began)
        then, later = (bed.run("check", *words, now=began + at).report for words, at in (((), 0), (("--last",), 5 * HOUR)))
        self.assertEqual(then["decision"]["blocked"]["by"], "rights")
        self.assertEqual(later["decision"]["blocked"]["by"], "rights")
        self.assertEqual(later["briefing"], then["briefing"])
        self.assertEqual((then["seen_at"], later["seen_at"]), (None, now_text(began)))
        for words in (("check", "--last"), ("--format", "nagios", "check", "--last")):
            seen = bed.program.run(*words, now=began + 5 * HOUR).stdout
            self.assertRegex(seen, r"\nSeen by: +the run of \d{4}-\d\d-\d\d \d\d:\d\d UTC, 5 hours ago\n")
            self.assert_heard(words, seen, then["briefing"], None)
        self.assertNotIn("Seen by:", bed.program.run("check").stdout)

    def test_routine_is_no_alarm(self):
        """What tonight's run does by itself is well, until it is 36 hours late."""
        for left, status in ((89.5, "ok"), (88.6, "ok"), (88.4, "warning")):
            with self.subTest(left=left):
                bed = self.bed(pki.auth_certificate(left))
                self.walk(bed, "^all is well: it is time for the successor of the auth certificate, which ends on "
                          if status == "ok" else "^nobody has prepared the successor",
                          r"^the next run stages a new certificate as next$", None, status)

    def test_it_ended_before_anybody_looked(self):
        """The commonest first emergency: a fresh installation, and the certificate is in no document any more."""
        bed = self.bed(pki.auth_certificate(-2.5), kind=probed.Bed, servers=exchange.servers(2), policy={"mode": "monitor"})
        bed.go_on(int(now().timestamp()))
        bed.run("run")
        current = bed.slots()["0"]
        seen = self.walk(bed, rf"^the auth certificate {current} has very probably ended: of the servers that answered none "
                              "lists it any more$", "^nothing: ", "authcert recover", "critical")
        self.assertEqual(seen.status, 2, seen)
        bed.cut_off("ex2.contoso.test")
        self.assertEqual(bed.run("check").report["briefing"]["command"], seen.report["briefing"]["command"])
        self.assertEqual(bed.run("recover", "--yes").status, 0)
        self.assertNotEqual(bed.slots()["0"], current)

    def test_not_asked_servers_have_their_time(self):
        current = pki.auth_certificate(-2.5)
        bed = self.bed(current)
        began = int(now().timestamp())
        bed.run("run", now=began)
        self.assertEqual(bed.run("check", now=began + 12 * HOUR).report["status"], "warning")
        self.assertEqual(bed.run("check", now=began + 13 * HOUR).report["status"], "ok")

    def test_directory_down(self):
        bed = self.bed(pki.auth_certificate(9.5), policy={"mode": "monitor"})
        bed.run("run")
        bed.directory.stop()
        bed.run("run")
        self.walk(bed, r"^the directory could not be read: .*; by what was last known the auth certificate ends on ",
                  r"^every run tries again$", "authcert doctor", "unknown")

    def test_unknown_has_one_colour(self):
        """Grey: it is no catastrophe that is known of, and no all-clear."""
        bed = self.bed(pki.auth_certificate(9.5), policy={"mode": "monitor"})
        began = int(now().timestamp())
        bed.run("run", now=began)
        bed.directory.stop()
        for night in (1, 2, 3):
            bed.run("run", now=began + night * 24 * HOUR)
        for words in (("check",), ("status",)):
            self.assertIn(b"\033[1;90mUNKNOWN\033[0m", on_terminal(bed.program, *words)[1])
        page = bed.program.folder / "page.html"
        bed.program.run("report", page)
        self.assertIn(".unknown{background:#57606a", page.read_text())
        self.assertRegex((ROOT / "docs/authcert.grafana.json").read_text(), r'"text": "UNKNOWN",\s*"color": "#57606a"')
        self.assertRegex(self.relay.messages[-1].html, 'bgcolor="#57606a"[^>]*>[^<]*(<[^>]*>)*UNKNOWN')

    def test_no_rights(self):
        bed = self.bed(pki.auth_certificate(20.5), allowed=exchange.WRITABLE, effective=())
        bed.run("run")
        self.walk(bed, r"^nobody has prepared the successor", r"^nothing for now: .*; every run tries again$",
                  "authcert doctor", "warning")

    def test_servers_silent(self):
        current = pki.auth_certificate(400.5)
        bed = self.bed(current, kind=probed.Bed, data=[current.der], servers=exchange.servers(2))
        began = int(now().timestamp())
        bed.go_on(began)
        bed.run("run", now=began)
        for server in ("ex1.contoso.test", "ex2.contoso.test"):
            bed.cut_off(server)
        for night in (1, 2, 3):
            bed.run("run", now=began + night * 24 * HOUR)
        self.walk(bed, r"^nothing was learned from the Exchange servers for nights; the auth certificate ends on ", r"^on ",
                  "authcert doctor", "warning", at=began + 3 * 24 * HOUR + HOUR)

    def test_hybrid_long_before(self):
        bed = self.bed(pki.auth_certificate(400.5), hybrid=True)
        self.walk(bed, r"^all is well", "^on .* the next certificate is due, and authcert waits for a person because of Entra$",
                  None, "ok")

    def test_hybrid(self):
        bed = self.bed(pki.auth_certificate(20.5), hybrid=True)
        bed.run("run")
        self.walk(bed, r"^nobody has prepared the successor", r"^nothing for now: hybrid organization", "authcert renew",
                  "warning")


    def test_status_is_short(self):
        for left, expected in ((400.5, 0), (20.5, 1), (-2.5, 2)):
            with self.subTest(left=left):
                bed = self.bed(pki.auth_certificate(left), policy={"mode": "monitor"})
                seen = bed.program.run("status")
                self.assertEqual(seen.status, expected, seen)
                lines = seen.stdout.splitlines()
                self.assertLessEqual(len(lines), 8, seen)
                briefing = bed.run("status").report["briefing"]
                self.assert_heard("status", seen.stdout, briefing, None)
                self.assertIn("Mode:       monitor; last run never", seen.stdout)
                self.assertIn("Notified:   by mail and chat; 0 messages wait", seen.stdout)
        bed.run("run")
        self.assertRegex(bed.program.run("status").stdout, r"last run \d{4}-\d\d-\d\d \d\d:\d\d UTC")
        bed.directory.stop()
        seen = bed.program.run("status")
        self.assertEqual(seen.status, 3, seen)
        self.assertRegex(seen.stdout, r"Ends: .* ago \(last known\)")

    def test_the_host_s_own_time(self):
        bed = self.bed(pki.auth_certificate(400.5))
        there = bed.program.run("status", env={"TZ": "Europe/Berlin"})
        self.assertRegex(there.stdout, r"Ends: +\d{4}-\d\d-\d\d \d\d:\d\d CES?T \(.*\d\d:\d\d UTC\), in 400 days")


if __name__ == "__main__":
    unittest.main()
