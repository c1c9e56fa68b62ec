"""Messages as a person sees them: every golden one at two widths, in light and dark; and hostile ones, in which every
text from outside tries to become something else than text."""

import email
import email.policy
import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

from browser import Browser

GOLDEN = Path(__file__).resolve().parent.parent / "notify" / "golden"
GOLDEN_TESTS = os.environ.get("GOLDEN_TESTS", "").split()  # these make the pages
PICTURES = os.environ.get("AUTHCERT_PICTURES")
HOSTILE = os.environ.get("HOSTILE", "")
KINDS = ("expiry", "done", "blind")
PLAIN = "Contoso and more"
PAYLOADS = (
    "<script>window.hacked=1;alert(1)</script>",
    "</title><script>window.hacked=1</script>",
    "</td></tr></table></body></html><script>window.hacked=1</script>",
    "\"><img src=http://elsewhere.test/x.png onerror=window.hacked=1>",
    "' onmouseover='window.hacked=1' style='background:url(http://elsewhere.test/y.png)",
    "<svg/onload=window.hacked=1>",
    "<style>@import url(http://elsewhere.test/z.css);*{display:none}</style>",
    "<iframe src=javascript:parent.hacked=1>",
    "<meta http-equiv=refresh content='0;url=http://elsewhere.test/'>",
    "--><![endif]--><script>window.hacked=1</script><!--",
    "<!--[if gte mso 9]><script>window.hacked=1</script>",
    "&#60;script&#62;window.hacked=1&#60;/script&#62; &lt;b&gt; &amp;amp; &nbsp",
    "\r\nBcc: all@contoso.test\r\n\r\n--=_authcert\r\nContent-Type: text/html\r\n\r\n<script>window.hacked=1</script>",
    "a\u202egnp.exe\u202c \u2066x\u2069 \u200f",
    "\x01\x1b[2J\x1b]0;x\x07 \x7f \x9b",
    "W" * 3000,
    "\u4e2d" * 900,
    "1" * 40 + " <b>" + "A" * 40 + "</b> " + "F" * 41,
    "%s%n%99999d {{7*7}} ${7*7} =?UTF-8?Q?=3Cscript=3E?=",
)


def hostile(kind, what, payload):
    done = subprocess.run([HOSTILE, kind, what], input=payload.encode("utf-8", "surrogateescape"), capture_output=True,
                          check=True, timeout=60)
    return done.stdout


class WithBrowser(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.browser = Browser()
        cls.browser.__enter__()
        cls.addClassCleanup(cls.browser.__exit__)

    def open(self, what, **options):
        page = self.browser.open(what, **options)
        self.addCleanup(page.close)
        return page


class Golden(WithBrowser):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.pages = Path(folder.name)
        for program in GOLDEN_TESTS:
            subprocess.run([program], env=os.environ | {"GOLDEN_PAGES": folder.name}, capture_output=True, check=True,
                           timeout=120)

    def page(self, name):
        return self.pages / f"{name}.html"

    def test_every_kind_at_two_widths_in_light_and_dark(self):
        names = sorted(path.stem for path in self.pages.glob("*.html"))
        self.assertEqual(names, sorted(path.stem for path in GOLDEN.glob("*.txt")))
        self.assertGreater(len(names), 15)
        for name in names:
            for width in (360, 1000):
                for dark in (False, True):
                    with self.subTest(name=name, width=width, dark=dark):
                        page = self.open(self.page(name), width=width, dark=dark)
                        self.assertEqual(page.overflow(), [])
                        self.assertEqual(page.contrast(), [])
                        self.assertEqual(page.executed(), [])
                        self.assertEqual(page.loaded, [])
                        if PICTURES:
                            page.screenshot(Path(PICTURES, f"{name}-{width}-{'dark' if dark else 'light'}.png"))

    def test_it_bears_being_inverted(self):
        for name in ("expired", "done_stage", "servers_missing"):
            with self.subTest(name=name):
                page = self.open(self.page(name), width=360, inverted=True)
                self.assertEqual(page.overflow(), [])
                if PICTURES:
                    page.screenshot(Path(PICTURES, f"{name}-360-inverted.png"))

    def test_both_forms_say_the_same(self):
        """Every word of the plain text is in the HTML, in order."""
        for path in sorted(GOLDEN.glob("*.txt")):
            with self.subTest(name=path.stem):
                seen = words(self.open(self.page(path.stem)).text())
                subject, _, plain = path.read_text().partition("\n\n")
                self.assertIn(subject.removeprefix("Subject: "), self.open(self.page(path.stem)).evaluate(
                    "document.title"))
                plain = re.sub(r"\n== Time line ==\n(  .*\n)*", "\n", plain)
                place = iter(seen)
                missing = [word for word in words(plain) if word not in place]
                self.assertEqual(missing, [])

    def test_the_time_line_has_its_words(self):
        for path in sorted(GOLDEN.glob("*.txt")):
            points = re.search(r"\n== Time line ==\n((?:  .*\n)*)", path.read_text())
            if not points:
                continue
            with self.subTest(name=path.stem):
                seen = " ".join(self.open(self.page(path.stem)).text().split())
                for line in points[1].splitlines():
                    self.assertIn(" ".join(line.replace("<--", "").split()), seen)

    def test_without_style_sheet_it_is_still_fit_to_read(self):
        """Some web mail drops the style sheet and every class."""
        for name in ("expired", "done_stage"):
            text = (self.page(name)).read_text()
            text = re.sub(r"(?s)<style>.*?</style>", "", re.sub(r' class="[^"]*"', "", text))
            for width in (360, 1000):
                page = self.open(text, width=width)
                self.assertEqual(page.overflow() + page.contrast(), [])

    def test_only_what_mail_programs_know(self):
        for path in sorted(self.pages.glob("*.html")):
            text = path.read_text()
            for word in ("flex", "grid", "<script", "<img", "url(", "position:", "float", "@import", "var(", "calc("):
                self.assertNotIn(word, text, path.stem)
            self.assertLess(len(text), 100 * 1024, "Gmail cuts messages of more than 102 KB")


def words(text):
    return re.findall(r"[^\s:,=-]+", text.replace("== ", ""))


class Hostile(WithBrowser):
    def test_nothing_is_executed_loaded_or_broken_out(self):
        for kind in KINDS:
            harmless = self.open(hostile(kind, "html", PLAIN).decode()).outline()
            for payload in PAYLOADS:
                with self.subTest(kind=kind, payload=payload[:60]):
                    page = self.open(hostile(kind, "html", payload).decode(), width=360)
                    self.assertEqual(page.executed(), [])
                    self.assertEqual(page.loaded, [])
                    self.assertEqual(page.overflow(), [])
                    self.assertEqual(page.contrast(), [])
                    outline = page.outline()
                    if "1" * 40 in payload:  # thumbprints get their own letters
                        outline = outline.replace("SPAN style\n", "")
                        harmless_outline = harmless.replace("SPAN style\n", "")
                    else:
                        harmless_outline = harmless
                    self.assertEqual(outline, harmless_outline)

    def test_the_text_is_there_to_be_read(self):
        """Escaped once, not twice, and not dropped."""
        for payload in PAYLOADS:
            if not payload.isprintable() or len(payload) > 60:
                continue
            page = self.open(hostile("expiry", "html", payload).decode())
            self.assertIn(" ".join(payload.split()), " ".join(page.text().split()))
            self.assertIn(payload[:40], page.evaluate("document.title"))

    def test_nothing_turns_the_text_around(self):
        for kind in KINDS:
            for what in ("html", "plain", "message"):
                text = hostile(kind, what, "a\u202eb\u2066c\u2069d\u200fe\u061cf").decode()
                for mark in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069":
                    self.assertNotIn(mark, text)

    def test_commands_hold_nothing_from_outside(self):
        for kind in KINDS:
            for payload in ("evil.contoso.test;reboot", "$(reboot)", "`reboot`", "a b reboot"):
                page = self.open(hostile(kind, "html", payload).decode())
                code = page.evaluate("Array.from(document.querySelectorAll('.code')).map(e => e.innerText).join('\\n')")
                self.assertIn("authcert", code)
                self.assertNotIn("reboot", code)


class Mime(unittest.TestCase):
    """What an independent reader makes of the complete message."""

    def read(self, kind, payload):
        raw = hostile(kind, "message", payload)
        for line in raw.split(b"\r\n"):
            self.assertNotIn(b"\n", line)
            self.assertNotIn(b"\r", line)
            self.assertLess(len(line), 998)
            self.assertTrue(line.isascii())
        message = email.message_from_bytes(raw, policy=email.policy.default)
        self.assertEqual(message.defects, [])
        return message

    def test_two_forms_of_one_text(self):
        for kind in KINDS:
            for payload in (PLAIN, *PAYLOADS):
                with self.subTest(kind=kind, payload=payload[:60]):
                    message = self.read(kind, payload)
                    self.assertEqual(message.get_content_type(), "multipart/alternative")
                    plain, html = message.iter_parts()
                    for part, subtype, what in ((plain, "plain", "plain"), (html, "html", "html")):
                        self.assertEqual(part.get_content_type(), f"text/{subtype}")
                        self.assertEqual(part.get_content_charset(), "utf-8")
                        self.assertEqual(part["Content-Transfer-Encoding"], "quoted-printable")
                        self.assertEqual(part.defects, [])
                        self.assertEqual(part.get_content().replace("\r\n", "\n"),
                                         hostile(kind, what, payload).decode())

    def test_headers(self):
        for kind in KINDS:
            for payload in (PLAIN, *PAYLOADS):
                with self.subTest(kind=kind, payload=payload[:60]):
                    message = self.read(kind, payload)
                    self.assertEqual(sorted(message.keys()), sorted(set(message.keys())))
                    self.assertEqual(set(message.keys()) - {"Importance"}, {
                        "From", "To", "Subject", "Date", "Message-ID", "Thread-Topic", "MIME-Version", "Content-Type",
                        "Auto-Submitted", "X-Auto-Response-Suppress", "List-Id"})
                    self.assertEqual(message["To"], "admins@contoso.test")
                    self.assertEqual(message["Auto-Submitted"], "auto-generated")
                    self.assertEqual(message["X-Auto-Response-Suppress"], "All")
                    self.assertRegex(message["Subject"], r"^(WARNING|UNKNOWN) authcert")
                    self.assertRegex(message["Message-ID"], r"^<[A-Za-z0-9.-]+@agent\.contoso\.test>$")


if __name__ == "__main__":
    unittest.main()
