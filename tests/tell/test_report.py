"""The report page of the real program: what is in it, where it may be written, and what a browser makes of it: on a
phone and on a desk, in light and dark, with hostile names in the directory.

With AUTHCERT_PICTURES=FOLDER in the environment the pictures stay there."""

import contextlib
import html.parser
import os
import pwd
import re
import socket
import stat
import tempfile
import time
import unittest
from pathlib import Path

import exchange
import hosts
import pki
import renewal
import slapd
from browser import Browser
from program import Program

POLICY = '<meta http-equiv="Content-Security-Policy">'
BEGIN = '<!DOCTYPE html>\n<html lang="en" data-by="authcert">\n'
HOSTILE = "<script>window.hacked=1</script><img src=x onerror=window.hacked=1>"
VOID = {"meta", "br", "line", "rect", "circle"}


class Balance(html.parser.HTMLParser):
    """Every element that begins ends, in its place; `ids` are unique, `ends` are the elements that are never shown."""

    def __init__(self):
        super().__init__()
        self.open, self.ids, self.tags = [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.ids += [value for name, value in attrs if name == "id"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            raise AssertionError(f"</{tag}> ends what is not open")


class Report(unittest.TestCase):
    def setUp(self):
        self.cleanup = contextlib.ExitStack()
        self.addCleanup(self.cleanup.close)
        self.folder = Path(self.cleanup.enter_context(tempfile.TemporaryDirectory(prefix="authcert-report-")))
        self.path = self.folder / "page.html"

    def bed(self, *args, **options):
        return self.cleanup.enter_context(renewal.Bed(*args, **options))

    def make(self, program, status=0, path=None, **options):
        seen = program.run("report", path or self.path, **options)
        self.assertEqual(seen.status, status, seen)
        self.assertEqual(seen.stdout, "", seen)
        return (path or self.path).read_text()

    def directory(self, **options):
        return self.cleanup.enter_context(slapd.Slapd([exchange.Organization(**options)]))

    def program(self, directory, **sections):
        return self.cleanup.enter_context(Program({"directory": directory.directory_config(), **sections}))


class Content(Report):
    def test_a_rotation_under_control(self):
        current, before = pki.auth_certificate(70, key=pki.new_key()), pki.auth_certificate(-20, key=pki.new_key())
        bed = self.bed(current=current, previous=before)
        bed.run("run")
        page = self.make(bed.program)
        self.assertTrue(page.startswith(BEGIN))
        balance = Balance()
        balance.feed(page)
        self.assertEqual(balance.open, [])
        self.assertEqual(len(balance.ids), len(set(balance.ids)))
        self.assertLessEqual(set(balance.tags) & {"script", "link", "img", "iframe", "object", "form", "a"}, set())
        for section in ("time-line", "findings", "next-steps", "advice", "certificates", "servers", "history"):
            self.assertIn(f'id="{section}"', page)
        slots = bed.slots()
        for words in (*slots.values(), "Contoso", "ex1.contoso.test", "Site Site2", "becomes current", "kept on this host",
                      current.not_after.strftime("%Y-%m-%d"), "stage " + slots["2"], "clears the previous certificate"):
            self.assertIn(words, page)
        self.assertNotIn("<td>present", page)
        self.assertEqual(page.count("next: present"), 3)

    def test_newest_first(self):
        bed = self.bed(current=pki.auth_certificate(21))
        bed.run("run")
        events = [event["text"] for event in bed.history()["events"]]
        self.assertGreater(len(events), 1)
        page = self.make(bed.program).partition('id="history"')[2]
        places = [page.find(re.split("[<>&\"']", text)[0]) for text in reversed(events)]
        self.assertNotIn(-1, places)
        self.assertEqual(places, sorted(places))

    def test_it_looks_afresh_and_changes_nothing(self):
        bed = self.bed(current=pki.auth_certificate(21))
        before = bed.values()
        page = self.make(bed.program)
        self.assertIn("No run has seen or done anything, or notified anybody, yet", page)
        self.assertIn("WARNING", page)
        self.assertEqual((bed.values(), bed.keys(), bed.delivered()), (before, [], []))
        self.assertFalse((bed.program.state / "last.json").exists())

    def test_unreadable(self):
        current = pki.auth_certificate(70)
        bed = self.bed(current=current, delivery=False, policy={"mode": "monitor"})
        bed.run("run")
        bed.program.change("directory", uri="ldaps://127.0.0.1:1")
        page = self.make(bed.program, status=3)
        for words in ("UNKNOWN", "The directory could not be read", current.thumbprint, "last known", "Contoso",
                      current.not_after.strftime("%Y-%m-%d")):
            self.assertIn(words, page)
        self.assertNotIn('id="servers"', page)

    def test_another_organization_is_told_from_it(self):
        program = self.program(self.directory(current=pki.auth_certificate(300)))
        program.run("run")
        other = self.directory(current=pki.auth_certificate(300), name="Fabrikam")
        program.change("directory", **other.directory_config())
        self.assertIn("belongs to another organization", self.make(program, status=3))

    def test_many_servers(self):
        servers = exchange.servers(60, sites=7)
        page = self.make(self.program(self.directory(current=pki.auth_certificate(300), servers=servers)))
        self.assertEqual(page.count('class="site"'), 7)
        self.assertEqual(page.count("current: unknown"), 60)
        self.assertEqual(page.count("<details>"), 1)
        self.path.write_text("")
        self.make(self.program(self.directory(current=pki.auth_certificate(300))))
        self.assertNotIn("<details>", self.path.read_text())

    def test_hundreds_that_do_not_answer_are_one_sentence(self):
        """On every surface each server is named once, those in the same case together, and a page stays a page."""
        servers = exchange.servers(120, sites=3)
        directory = self.directory(current=pki.auth_certificate(21), servers=servers)
        program = self.program(directory, servers={"url": "https://{fqdn}:1/x", "timeout": "2s"})
        with hosts.Names() as names:
            program.executable = names.executable(program.executable)
            why = "ex1.contoso.test, ex2.contoso.test, ex3.contoso.test and 117 more: its name is not known to DNS"
            seen = program.run("check")
            self.assertIn(why, " ".join(seen.stdout.split()))
            self.assertLess(len(seen.stdout.splitlines()), 60, seen)
            seen = program.run("doctor")
            self.assertIn(why, seen.stdout)
            self.assertLess(len(seen.stdout.splitlines()), 25, seen)
            self.assertIn(why, self.make(program))
        with Browser() as browser:
            page = browser.open(self.path, width=1200)
            self.assertLess(page.metrics()["scrollHeight"], 3500)
            self.assertEqual(page.overflow() + page.broken() + page.contrast(), [])


class AfterEachRun(Report):
    """`[report] file`: the page is as the run left things."""

    def test_each_run_leaves_its_page(self):
        bed = self.bed(current=pki.auth_certificate(70))
        bed.program.change("report", file=self.path)
        bed.run("run", "--dry-run")
        self.assertFalse(self.path.exists())
        bed.run("run")
        page = self.path.read_text()
        self.assertTrue(page.startswith(BEGIN) and page.endswith("</html>\n"), page[-200:])
        self.assertIn(bed.slots()["2"], page, "what was staged is on it")
        self.assertIn("done stage " + bed.slots()["2"], page.replace("</td><td>", " "))
        self.assertEqual(stat.S_IMODE(self.path.stat().st_mode), 0o644)
        with self.path.open() as reader:
            first = os.fstat(reader.fileno()).st_ino
            bed.run("run")
            self.assertNotEqual(self.path.stat().st_ino, first)
            self.assertTrue(reader.read().endswith("</html>\n"), "whoever reads it reads the whole of one")

    def test_a_blind_night_has_a_page_too(self):
        program = self.program(self.directory(current=pki.auth_certificate(70)), report={"file": self.path})
        self.assertEqual(program.run("run").status, 0)
        program.change("directory", uri="ldaps://127.0.0.1:1")
        self.assertEqual(program.run("run").status, 3)
        self.assertIn("The directory could not be read", self.path.read_text())

    def test_what_is_no_page_stays(self):
        program = self.program(self.directory(current=pki.auth_certificate(300)), report={"file": self.path})
        for content, path in (("my own", self.path), ("", self.folder / "missing/page.html")):
            self.path.write_text(content)
            program.change("report", file=path)
            seen = program.run("run")
            self.assertEqual(seen.status, 1, seen)
            self.assertIn(f"the page could not be written to {path} ([report] file): ", seen.stderr)
            self.assertEqual(self.path.read_text(), content)
            self.assertTrue((program.state / "last.json").exists(), "all else was done")


class File(Report):
    def setUp(self):
        super().setUp()
        self.served = self.program(self.directory(current=pki.auth_certificate(300)))

    def refuse(self, path, *words, status=2):
        seen = self.served.run("report", path)
        self.assertEqual(seen.status, status, seen)
        for word in words:
            self.assertIn(word, seen.stderr)

    def test_anyone_may_read_it(self):
        before = os.umask(0o077)
        self.addCleanup(os.umask, before)
        self.make(self.served)
        self.assertEqual(stat.S_IMODE(self.path.stat().st_mode), 0o644)
        self.assertEqual([path.name for path in self.folder.iterdir()], ["page.html"])

    def test_an_earlier_page_is_replaced_whole(self):
        self.make(self.served)
        with self.path.open() as reader:
            first = os.fstat(reader.fileno()).st_ino
            self.make(self.served)
            self.assertNotEqual(self.path.stat().st_ino, first)
            self.assertTrue(reader.read().endswith("</html>\n"))

    def test_nothing_else_is(self):
        self.path.write_text("<!DOCTYPE html>\n<html lang=\"en\">\nmy own")
        self.refuse(self.path, "no report of authcert")
        self.assertIn("my own", self.path.read_text())
        self.path.write_text("")
        self.make(self.served)

    def test_no_link_is_followed(self):
        goal = self.folder / "goal"
        for content in (None, BEGIN):
            if content:
                goal.write_text(content)
            self.path.unlink(missing_ok=True)
            self.path.symlink_to(goal)
            self.refuse(self.path, "no regular file")
            self.assertTrue(self.path.is_symlink())
        self.assertEqual(goal.read_text(), BEGIN)

    def test_other_kinds_of_file(self):
        self.refuse(self.folder, "no regular file")
        os.mkfifo(self.path)
        self.refuse(self.path, "no regular file")
        with contextlib.closing(socket.socket(socket.AF_UNIX)) as listener:
            listener.bind(str(self.folder / "socket"))
            self.refuse(self.folder / "socket", "no regular file")

    def test_a_missing_folder(self):
        self.refuse(self.folder / "missing" / "page.html", "could not be written", status=1)

    def test_words(self):
        for words in (("report",), ("report", self.path, "more"), ("report", "")):
            seen = self.served.run(*words)
            self.assertEqual(seen.status, 2, seen)
        self.served.change("policy", mode="sometimes")
        self.assertEqual(self.served.run("report", self.path).status, 2)
        self.assertFalse(self.path.exists())

    @unittest.skipUnless(os.geteuid() == 0, "only root becomes another")
    def test_root_writes_where_the_owner_of_the_state_folder_may_not(self):
        nobody = pwd.getpwnam("nobody")
        self.served.folder.chmod(0o755)
        trusted = Path(self.served.sections["directory"]["ca_file"]).read_bytes()
        self.served.change("directory", ca_file=self.served.file("ca.pem", trusted))
        os.chown(self.served.state, nobody.pw_uid, nobody.pw_gid)
        self.folder.chmod(0o700)
        self.make(self.served)
        self.assertEqual(self.path.stat().st_uid, 0)


class Looks(Report):
    """Judged by a browser, at two widths, in light and dark."""

    def judge(self, name):
        pictures = os.environ.get("AUTHCERT_PICTURES")
        browser = self.cleanup.enter_context(Browser())
        for width in (360, 1200):
            for dark in (False, True):
                with self.subTest(name=name, width=width, dark=dark):
                    page = browser.open(self.path, width=width, dark=dark)
                    self.assertEqual(page.overflow(), [])
                    self.assertEqual(page.contrast(), [])
                    self.assertEqual([found for found in page.executed() if found != POLICY], [])
                    self.assertEqual(page.loaded, [])
                    drawn = page.evaluate("Array.from(document.querySelectorAll('svg')).filter("
                                          "e => getComputedStyle(e).display != 'none').map(e => e.classList[0])")
                    self.assertEqual(drawn, ["narrow" if width == 360 else "wide"] if drawn else [])
                    small = page.evaluate(
                        "Array.from(document.querySelectorAll('svg text')).map(e => e.getBoundingClientRect().height)"
                        ".filter(h => h > 0 && h < 9)")
                    self.assertEqual(small, [], "letters too small to read")
                    picture = Path(pictures or self.folder) / f"report-{name}-{width}{'-dark' if dark else ''}.png"
                    page.screenshot(picture)
                    self.assertGreater(picture.stat().st_size, 20000)
                    for other in (320, 400, 480, 576, 600, 768, 1280) if width == 1200 and not dark else ():
                        page.resize(other)
                        self.assertEqual(page.overflow() + page.broken(), [], f"at {other}")
                    page.close()
        return browser

    def test_a_warning(self):
        bed = self.bed(current=pki.auth_certificate(21), policy={"mode": "monitor"})
        bed.run("run")
        self.make(bed.program)
        self.judge("warning")

    def test_a_rotation(self):
        bed = self.bed(current=pki.auth_certificate(70, key=pki.new_key()),
                       previous=pki.auth_certificate(-20, key=pki.new_key()))
        bed.run("run")
        self.make(bed.program)
        self.judge("rotation")

    def test_an_ended_one(self):
        self.make(self.bed(current=pki.auth_certificate(-2), policy={"mode": "monitor"}).program)
        self.judge("ended")

    def test_far_and_blind(self):
        bed = self.bed(current=pki.auth_certificate(1500), policy={"mode": "monitor"})
        bed.run("run")
        self.make(bed.program)
        self.judge("far")
        bed.program.change("directory", uri="ldaps://127.0.0.1:1")
        self.make(bed.program, status=3)
        self.judge("blind")

    def test_dates_in_the_middle_are_not_cut_off(self):
        """Wherever a date falls, its words have room beside or below it, at every width."""
        marks = 0
        with Browser() as browser:
            for days in (95, 120, 160, 250, 400):
                certificate = pki.auth_certificate(days, key=pki.new_key())
                program = self.program(self.directory(current=certificate))
                program.run("run")
                for uri in ({}, {"uri": "ldaps://127.0.0.1:1"}):
                    program.change("directory", **uri)
                    self.make(program, status=3 if uri else 0)
                    page = browser.open(self.path, width=400)
                    for width in (400, 320, 640):
                        page.resize(width)
                        self.assertEqual(page.overflow(), [], f"{days} days, {width}")
                    marks += page.evaluate("document.querySelectorAll('svg.narrow circle').length")
                    page.close()
        self.assertGreater(marks, 10)

    def test_hostile_strings_stay_text(self):
        certificate = pki.auth_certificate(21, subject=HOSTILE + "'\"&")
        program = self.program(self.directory(current=certificate, servers=exchange.servers(2)))
        now = int(time.time())
        (program.state / "history.json").write_text("")
        (program.state / "history.json").unlink()
        program.run("run", now=now)
        text = (program.state / "history.json").read_text()
        (program.state / "history.json").write_text(
            text.replace('"text": "', '"text": "' + HOSTILE.replace('"', '\\"') + "</td></table></style> ", 1))
        page = self.make(program)
        self.assertNotIn("<script", page)
        self.assertIn("&lt;script&gt;window.hacked=1&lt;/script&gt;", page)
        self.assertGreaterEqual(page.count("&lt;img src=x"), 2)
        self.judge("hostile")

    def test_on_paper(self):
        bed = self.bed(current=pki.auth_certificate(21), policy={"mode": "monitor"})
        self.make(bed.program)
        with Browser() as browser:
            page = browser.open(self.path, width=800, dark=True)
            page.call("Emulation.setEmulatedMedia", media="print",
                      features=[{"name": "prefers-color-scheme", "value": "dark"}])
            self.assertEqual(page.evaluate("getComputedStyle(document.body).backgroundColor"), "rgb(255, 255, 255)")
            self.assertEqual(page.overflow(), [])
            self.assertGreater(len(page.call("Page.printToPDF", preferCSSPageSize=False)["data"]), 10000)


if __name__ == "__main__":
    unittest.main()
