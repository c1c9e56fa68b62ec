"""Several channels beside each other: what one of them carried is told, though another one waits; and whatever waits is
counted, also for a channel that is configured no more."""

import contextlib
import re
import time
import unittest

import exchange
import mount
import pki
import slapd
import smtp
import web
from program import Program, binary

PATH = "/hook/4f1c9d27ab0e"
NIGHT = 86400
DEAD = "smtp://127.0.0.1:1"


class Channels(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = contextlib.ExitStack()
        cls.addClassCleanup(cls.stack.close)
        cls.began = int(time.time())
        cls.directory = cls.stack.enter_context(slapd.Slapd(
            [exchange.Organization(current=pki.auth_certificate(days_left=21.5), servers=exchange.servers(2))]))

    def setUp(self):
        self.cleanup = contextlib.ExitStack()
        self.addCleanup(self.cleanup.close)
        self.room = self.cleanup.enter_context(web.Server())
        self.relay = self.cleanup.enter_context(smtp.Relay())
        self.up = f"smtp://127.0.0.1:{self.relay.port}"

    def program(self, relay=None):
        program = self.cleanup.enter_context(Program({"directory": self.directory.directory_config()}))
        program.executable = web.trusting(program.folder, binary())
        program.change("metrics", textfile=program.folder / "authcert.prom")
        program.change("webhook", url_file=program.secret("address", self.room.address + PATH + "\n"), format="json")
        if relay:
            program.change("mail", **{"relay": relay, "tls": "off", "from": "a@contoso.test", "to": "b@contoso.test"})
        return program

    def night(self, program, number, status, *told):
        seen = program.run("run", json=True, now=self.began + number * NIGHT + 60, timeout=60)
        self.assertEqual(seen.status, status, seen)
        self.assertEqual([(told["channel"], told["result"]) for told in seen.report["told"]], list(told), seen)
        return seen

    def metric(self, program, name):
        return int(re.search(rf"^{name}{{.*}} (\d+)$", (program.folder / "authcert.prom").read_text(), re.MULTILINE)[1])

    def pending(self, program):
        return self.metric(program, "authcert_notifications_pending")


class OneCarries(Channels):
    def test_the_webhook_for_mail(self):
        program = self.program(DEAD)
        self.night(program, 0, 0, ("mail", "queued"), ("webhook", "sent"))
        for number in (1, 2):
            seen = self.night(program, number, 0)
            self.assertIn("still waits for 1 recipient", seen.stderr)
            self.assertEqual(self.pending(program), 1)
        program.change("mail", relay=self.up)
        self.night(program, 3, 0, ("mail", "sent"))
        self.assertEqual((len(self.relay.messages), len(self.room.requests), self.pending(program)), (1, 1, 0))

    def test_mail_for_the_webhook(self):
        self.room.answers = [(500, {}, b"")]
        program = self.program(self.up)
        self.night(program, 0, 0, ("mail", "sent"), ("webhook", "queued"))
        self.night(program, 1, 0)
        self.room.answers = [(200, {}, b"ok")]
        self.night(program, 2, 0, ("webhook", "sent"))

    def test_late(self):
        """First neither does, then one of them brings it."""
        self.room.answers = [(500, {}, b"")]
        program = self.program(DEAD)
        self.night(program, 0, 1, ("mail", "queued"), ("webhook", "queued"))
        self.night(program, 1, 1)
        self.room.answers = [(200, {}, b"ok")]
        self.night(program, 2, 0, ("webhook", "sent"))
        self.night(program, 3, 0)
        self.assertEqual(self.pending(program), 1)

    def test_only_what_was_told(self):
        """What the webhook said is told; what comes later and nobody gets is not."""
        program = self.program(DEAD)
        self.night(program, 0, 0, ("mail", "queued"), ("webhook", "sent"))
        self.room.answers = [(500, {}, b"")]
        self.night(program, 8, 1, ("mail", "queued"), ("webhook", "queued"))  # 14 days
        self.night(program, 9, 1)


class Abandoned(Channels):
    """What waits for a channel that is configured no more."""

    def abandon(self, program, channel, **keys):
        self.night(program, 0, 1, (channel, "queued"))
        program.change("webhook", url_file=None, format=None)
        program.change("mail", **{key: None for key in ("relay", "tls", "from", "to")})
        self.night(program, 1, 0)
        self.assertEqual(self.pending(program), 1)
        self.assertIn(f"by {channel} for", program.run("history").stdout)
        seen = self.night(program, 15, 0)
        self.assertIn(f"given up after 14 days: {channel} is configured no more", seen.stderr)
        self.assertEqual((self.pending(program), self.metric(program, "authcert_notifications_given_up_total")), (0, 1))
        self.assertEqual(self.night(program, 16, 0).stderr.count("given up"), 0)

    def test_the_webhook(self):
        self.room.answers = [(500, {}, b"")]
        self.abandon(self.program(), "webhook")

    def test_mail(self):
        program = self.program(DEAD)
        program.change("webhook", url_file=None, format=None)
        self.abandon(program, "mail")


class Journal(Channels):
    """Where systemd starts it, and standard error is the journal, a mail says how to find the run there."""

    NAME = "0123456789abcdef0123456789abcdef"

    def say(self, stream, name):
        program = self.program(self.up)
        program.change("webhook", url_file=None, format=None)
        mount.needed()
        # No real journal is told.
        program.executable = program.file("started", f"""#!/bin/sh
            exec unshare --mount --propagation private sh -c 'mount -t tmpfs none /run &&
            JOURNAL_STREAM={stream} INVOCATION_ID={name} exec "$@"' sh {binary()} "$@"
            """, 0o755)
        self.night(program, 0, 0, ("mail", "sent"))
        return self.relay.messages.pop().body

    def test_a_service(self):
        self.assertRegex(self.say("$(stat -L -c %d:%i /proc/self/fd/2)", self.NAME),
                         f"(?m)^Journal +_SYSTEMD_INVOCATION_ID={self.NAME}$")

    def test_what_a_service_started_or_a_hostile_name(self):
        self.assertNotIn("Journal", self.say("1:2", self.NAME))
        self.assertNotIn("Journal", self.say("$(stat -L -c %d:%i /proc/self/fd/2)", '"$(printf "%s\\r\\nBcc: x" ' + self.NAME[:24] + ')"'))


class Doctor(Channels):
    """The addresses are tried as far as nobody there notices."""

    def examine(self, program, status, *lines):
        seen = program.run("doctor", timeout=60)
        self.assertEqual(seen.status, status, seen)
        self.assertNotIn("4f1c9d27ab0e", seen.stdout + seen.stderr)
        for line in lines:
            self.assertRegex(seen.stdout, f"(?m)^{line}")
        self.assertEqual(self.room.requests, [])

    def test_both(self):
        program = self.program()
        program.change("metrics", textfile=None, ping_url_file=program.secret("ping", self.room.address + PATH + "\n"))
        self.examine(program, 0, "ok +webhook: answers", "ok +dead man's switch: answers")

    def test_nobody_there(self):
        program = self.program()
        with web.Server() as gone:
            address = gone.address + PATH
        program.change("metrics", textfile=None, ping_url_file=program.secret("ping", address + "\n"))
        self.examine(program, 1, "ok +webhook: answers", "FAILED +dead man's switch: no connection")

    def test_a_certificate_of_another_name(self):
        with web.Server(names=("hooks.contoso.test",)) as other:
            program = self.program()
            program.secret("address", other.address + PATH + "\n")
            self.examine(program, 1, "FAILED +webhook: its TLS certificate is not trusted")
            self.assertEqual(other.requests, [])


if __name__ == "__main__":
    unittest.main()
