"""The real program's mail about directories whose names are hostile, opened in a browser; and what is called by name
when the directory cannot be read any more."""

import contextlib
import time
import unittest

import exchange
import pki
import slapd
import smtp
from bed.program import Program
from browser import Browser

NIGHT = 86400
NAMES = (
    "<script>window.hacked=1</script>",
    "\"><img src=http://elsewhere.test/x.png onerror=window.hacked=1>",
    "</td></table><style>*{display:none}</style>&lt;b&gt;",
    "a\u202egnp.exe \u05d0\u05d1 \u2067x",
    "W" * 150,
)


class DirectoryText(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = contextlib.ExitStack()
        cls.addClassCleanup(cls.stack.close)
        cls.browser = cls.stack.enter_context(Browser())
        cls.relay = cls.stack.enter_context(smtp.Relay(starttls=True))

    def setUp(self):
        self.relay.messages.clear()

    def program(self, stack, directory):
        return stack.enter_context(Program({"directory": directory.directory_config(), "mail": {
            "relay": self.relay.uri, "ca_file": self.relay.ca_file, "from": "authcert@contoso.test",
            "to": ["admins@contoso.test"]}}))

    def judge(self, message):
        self.assertEqual(message.mail.get_content_type(), "multipart/alternative")
        for width in (360, 1000):
            page = self.browser.open(message.html, width=width)
            self.addCleanup(page.close)
            for found in (page.executed(), page.loaded, page.overflow(), page.contrast()):
                self.assertEqual(found, [])
            self.assertIn("authcert", page.text())
            for mark in "\u202e\u2067":
                self.assertNotIn(mark, page.text() + message.body + message.mail["Subject"])
        return page

    def test_hostile_names(self):
        for name in NAMES:
            with self.subTest(name=name[:40]), contextlib.ExitStack() as stack:
                self.relay.messages.clear()
                organization = exchange.Organization(
                    name=name, current=pki.auth_certificate(days_left=21.5), realm=name,
                    servers=[exchange.Server("EX1", serial=name), exchange.Server(name, site=name, address=(
                        "ncacn_ip_tcp:" + name,))])
                program = self.program(stack, stack.enter_context(slapd.Slapd([organization])))
                seen = program.run("run", json=True)
                self.assertEqual(seen.status, 0, seen)
                self.assertEqual(len(self.relay.messages), 1)
                self.assertTrue(self.relay.messages[0].mail["Subject"].startswith("WARNING authcert "))
                page = self.judge(self.relay.messages[0])
                if name.isascii():
                    self.assertIn(name[:60], page.text())

    def test_the_blind_name_what_they_saw(self):
        began = int(time.time())
        with contextlib.ExitStack() as stack:
            organization = exchange.Organization(name="Fabrikam, Ltd. <x>",
                                                 current=pki.auth_certificate(days_left=200))
            directory = stack.enter_context(slapd.Slapd([organization]))
            program = self.program(stack, directory)
            self.assertEqual(program.run("run", json=True, now=began + 60).status, 0)
            self.relay.messages.clear()
            directory.stop()
            for night in (1, 2):
                self.assertEqual(program.run("run", json=True, now=began + night * NIGHT + 60).status, 3)
            self.assertEqual(len(self.relay.messages), 1)
            self.assertRegex(self.relay.messages[0].mail["Subject"],
                             r"^UNKNOWN authcert Fabrikam, Ltd\. <x>: the directory cannot be read since ")
            page = self.judge(self.relay.messages[0])
            self.assertIn("Fabrikam, Ltd. <x>", page.text())


if __name__ == "__main__":
    unittest.main()
