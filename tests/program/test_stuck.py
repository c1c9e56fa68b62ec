"""A run that cannot begin, because its state folder is in use or unusable, is told by every channel that needs no folder."""

import fcntl
import unittest

import exchange
import pki
import slapd
import smtp
from bed.program import Program


class Stuck(unittest.TestCase):
    def setUp(self):
        self.relay = self.enterContext(smtp.Relay())
        organization = exchange.Organization(current=pki.auth_certificate(days_left=800))
        directory = self.enterContext(slapd.Slapd([organization]))
        self.program = self.enterContext(Program({
            "directory": directory.directory_config(),
            "mail": {"relay": self.relay.uri, "tls": "off", "to": "a@contoso.test", "from": "b@contoso.test"}}))
        self.assertEqual(self.program.run("run").status, 0)
        self.assertEqual(self.relay.messages, [])

    def told(self, *words):
        [message] = self.relay.messages
        self.relay.messages.clear()
        self.assertIn("UNKNOWN authcert: the run could not begin", message.mail["Subject"])
        text = " ".join(message.body.split())
        for word in (*words, "doctor"):
            self.assertIn(word, text)
        self.assertNotIn("no earlier run saw", text)

    def refuses(self, *words):
        """Every command that needs the folder says why; `run` alone tells others."""
        seen = self.program.run("run")
        self.assertEqual(seen.status, 1, seen)
        for word in words:
            self.assertIn(word, seen.stderr)
        self.told(*words)
        for typed in (("renew", "--yes"), ("notify", "--test")):
            seen = self.program.run(*typed)
            self.assertNotEqual(seen.status, 0, seen)
        seen = self.program.run("--dry-run", "run")
        self.assertEqual(self.relay.messages, [])

    def test_in_use(self):
        with open(self.program.state / "lock", "r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.refuses("in use by process")
            doctor = self.program.run("doctor").stdout
            self.assertRegex(doctor, r"warning state folder: .* is in use by process \d+ since")
            self.assertEqual(self.program.run("check").status, 0)
        self.assertEqual(self.program.run("run").status, 0)
        self.assertNotIn("in use", self.program.run("doctor").stdout)
        self.assertEqual(self.relay.messages, [])

    def test_unusable(self):
        self.program.state.chmod(0o777)
        self.refuses("cannot be used", str(self.program.state))
        self.assertRegex(self.program.run("doctor").stdout, r"FAILED +state folder: .*its mode is 0777")

    def test_outbox_unusable(self):
        outbox = self.program.state / "outbox"
        outbox.rmdir()
        outbox.write_text("")
        seen = self.program.run("run")
        self.assertEqual(seen.status, 1, seen)
        self.told("outbox")
        self.assertRegex(self.program.run("doctor").stdout, r"FAILED +state folder: .*outbox")

    def test_nobody_to_tell(self):
        self.program.change("mail", relay="smtp://127.0.0.1:9")
        self.program.state.chmod(0o777)
        seen = self.program.run("run")
        self.assertEqual(seen.status, 1, seen)
        self.assertIn("127.0.0.1:9", seen.stderr)


if __name__ == "__main__":
    unittest.main()
