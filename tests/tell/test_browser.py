"""The judge is judged: each thing that must not be on a page is put on one, and seen."""

import os
import tempfile
import unittest
from pathlib import Path

from browser import Browser

HEAD = ('<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>t</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"></head><body>')
GOOD = HEAD + '<p style="color:#222;background:#fff">Good <b>text</b>.</p></body></html>'


class Judge(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.browser = Browser()
        cls.browser.__enter__()
        cls.addClassCleanup(cls.browser.__exit__)

    def open(self, body, **options):
        page = self.browser.open(HEAD + body + "</body></html>", **options)
        self.addCleanup(page.close)
        return page

    def test_a_good_page_passes(self):
        page = self.browser.open(GOOD, width=360)
        self.assertEqual(page.overflow() + page.contrast() + page.executed() + page.loaded, [])
        self.assertEqual(page.metrics()["clientWidth"], 360)
        self.assertEqual(page.text().strip(), "Good text.")

    def test_what_sticks_out(self):
        self.assertIn("the page is 60", self.open('<div style="width:600px">x</div>', width=360).overflow()[0])
        self.assertIn("<table>", " ".join(self.open(
            '<table style="position:absolute;left:-50px;width:90px"><tr><td>x</table>', width=360).overflow()))
        self.assertIn("hides", " ".join(self.open(
            f'<div style="width:90px;overflow:hidden">{"x" * 60}</div>', width=360).overflow()))

    def test_what_a_drawing_cuts_off(self):
        for x, anchor in ((90, "start"), (10, "end"), (50, "middle")):
            found = self.open(f'<svg viewBox="0 0 100 40" style="width:200px"><text x="{x}" y="20" font-size="12" '
                              f'text-anchor="{anchor}">cut off words</text></svg>').overflow()
            self.assertEqual("cut off by its drawing: cut off words" in found, anchor != "middle", found)

    def test_broken_words(self):
        body = "<table style='overflow-wrap:anywhere;width:20px'><tr><th>Kind</th><td>a long text that wants room</td></table>"
        self.assertIn("Kind", self.open(body, width=360).broken())
        self.assertEqual(self.open(body.replace("anywhere", "normal"), width=360).broken(), [])

    def test_a_page_without_viewport_is_wide_on_a_phone(self):
        page = self.browser.open("<!DOCTYPE html><body>x</body>", width=360)
        self.assertGreater(page.metrics()["clientWidth"], 900)

    def test_what_cannot_be_read(self):
        for body in ('<p style="color:#888;background:#fff">x</p>', '<p style="color:rgba(0,0,0,.4)">x</p>',
                     '<table style="background:#123"><tr><td style="color:#345">x</td></tr></table>',
                     '<svg width="99" height="40"><rect width="99" height="40" fill="#333"/><text x="9" y="20" '
                     'fill="#444">x</text></svg>'):
            self.assertEqual(len(self.open(body).contrast()), 1, body)
        # Large text needs less.
        self.assertEqual(self.open('<p style="color:#888;font-size:30px">x</p>').contrast(), [])

    def test_dark(self):
        body = "<style>@media (prefers-color-scheme: dark) { p { background: #222 } }</style><p style='color:#111'>x</p>"
        self.assertEqual(self.open(body).contrast(), [])
        self.assertEqual(len(self.open(body, dark=True).contrast()), 1)

    def test_what_executes_or_loads(self):
        for body, expected in (("<script>window.hacked = 1</script>", "window.hacked"),
                               ("<script>alert('hello')</script>", "dialog: hello"),
                               ("<b onclick='x()'>x</b>", "onclick"),
                               ("<a href='javascript:x()'>x</a>", "href"),
                               ("<p style='background:url(x.png)'>x</p>", "style"),
                               ("<meta http-equiv='refresh' content='9;url=http://x.test/'>", "refresh")):
            self.assertIn(expected, " ".join(self.open(body).executed()), body)
        page = self.open("<img src='http://elsewhere.test/a.png'>")
        self.assertEqual(page.loaded, ["http://elsewhere.test/a.png"])

    def test_a_picture_is_a_picture(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "page.png")
            self.open("<div style='height:3000px'>x</div>", width=360).screenshot(path)
            head = path.read_bytes()[:24]
        self.assertEqual(head[:8], b"\x89PNG\r\n\x1a\n")
        self.assertEqual(int.from_bytes(head[16:20], "big"), 360)
        self.assertGreater(int.from_bytes(head[20:24], "big"), 2999)

    def test_nothing_stays(self):
        with Browser() as browser:
            profile, pid = browser.profile, browser.process.pid
            self.assertTrue(os.path.isdir(profile))
        self.assertFalse(os.path.exists(profile))
        self.assertFalse(os.path.exists(f"/proc/{pid}"))


if __name__ == "__main__":
    unittest.main()
