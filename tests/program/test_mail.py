"""Mail from the real program: `run` and `notify --test` against a real directory and a real relay.

The messages are read by Python's email package. What relays do wrong is in tests/notify/mail/test_relay.py.
"""

import contextlib
import os
import re
import time
import unittest

import exchange
import pki
import slapd
import smtp
from bed.program import Program

ADMINS, MANAGER = "exchange-admins@contoso.test", "it-manager@contoso.test"
NIGHT = 86400


def assert_well_formed(case, message):
    mail = message.mail
    case.assertEqual(mail.defects, [])
    case.assertTrue(message.data.isascii())
    case.assertTrue(all(len(line) <= 998 and b"\r" not in line and b"\n" not in line
                        for line in message.data.split(b"\r\n")))
    for name in "From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Auto-Submitted":
        case.assertEqual(len(mail.get_all(name, [])), 1, name)
    case.assertEqual(mail.get_all("Bcc", []), [])
    case.assertTrue(all(character == "\n" or character.isprintable() for character in message.body))


class MailTest(unittest.TestCase):
    """One directory for the whole class, changed by tests through `self.set_current`."""

    @classmethod
    def setUpClass(cls):
        cls.stack = contextlib.ExitStack()
        cls.addClassCleanup(cls.stack.close)
        cls.began = int(time.time())
        cls.near = pki.auth_certificate(days_left=21.5)
        cls.far = pki.auth_certificate(days_left=1000)
        cls.ended = pki.auth_certificate(days_left=-2.5)
        cls.soon = pki.auth_certificate(days_left=9.5)
        cls.organization = exchange.Organization(current=cls.near, servers=exchange.servers(3))
        cls.directory = cls.stack.enter_context(slapd.Slapd([cls.organization]))

    def setUp(self):
        self.cleanup = contextlib.ExitStack()
        self.addCleanup(self.cleanup.close)
        self.current = self.near
        self.addCleanup(lambda: self.set_current(self.near))

    def set_current(self, certificate):
        if certificate is self.current:
            return
        self.current = certificate
        self.directory.modify(
            f"dn: {self.organization.auth_dn}\nchangetype: modify\n"
            f"replace: msExchAuthCertificateThumbprint\n"
            f"msExchAuthCertificateThumbprint: 0:{certificate.thumbprint}\n-\n"
            f"replace: msExchAuthCertificateData\n"
            + exchange._line("msExchAuthCertificateData", certificate.der) + "\n")

    def relay(self, **options):
        return self.cleanup.enter_context(smtp.Relay(**{"starttls": True, **options}))

    def program(self, served_by, **mail):
        section = {"relay": served_by.uri, "ca_file": served_by.ca_file, "from": "authcert@contoso.test",
                   "to": [ADMINS], **mail}
        return self.cleanup.enter_context(Program({"directory": self.directory.directory_config(), "mail": section}))

    def run_at(self, program, night=0, status=0):
        seen = program.run("run", json=True, now=self.began + night * NIGHT + 60)
        self.assertEqual(seen.status, status, seen)
        return seen

    def told(self, seen):
        return [(told["channel"], told["result"], told["to"]) for told in seen.report["told"]]

    def waiting(self, program):
        return sorted(program.state.joinpath("outbox").glob("*.json"))


class Runs(MailTest):
    def test_a_warning(self):
        relay = self.relay()
        program = self.program(relay)
        seen = self.run_at(program)
        self.assertEqual(self.told(seen), [("mail", "sent", 1)])
        [message] = relay.messages
        self.assertTrue(message.tls)
        assert_well_formed(self, message)
        ends = self.near.not_after.strftime("%Y-%m-%d")
        self.assertEqual(message.mail["Subject"],
                         f"WARNING authcert Contoso: auth certificate ends in 21 days ({ends})")
        self.assertNotIn("Importance", message.mail)
        for part in (self.near.thumbprint, self.near.not_after.strftime("%Y-%m-%d %H:%M UTC"), "Contoso", "21 days",
                     "3 that hold an auth certificate", "decision: stage", "New-ExchangeCertificate",
                     f"authcert -c {program.config} check", "If nothing is done", "To silence", "Run"):
            self.assertIn(part, message.body)
        again = self.run_at(program)
        self.assertEqual(self.told(again), [])
        self.assertEqual(len(relay.messages), 1)

    def test_escalation_and_importance(self):
        relay = self.relay()
        self.set_current(self.soon)
        program = self.program(relay, escalate_to=[MANAGER])
        self.assertEqual(self.told(self.run_at(program)), [("mail", "sent", 2)])
        [message] = relay.messages
        self.assertEqual(message.recipients, [ADMINS, MANAGER])
        self.assertRegex(message.mail["Subject"], "^CRITICAL authcert Contoso: auth certificate ends in 9 days")
        self.assertEqual(message.mail["Importance"], "high")

    def test_ended(self):
        relay = self.relay()
        self.set_current(self.ended)
        self.assertEqual(self.told(self.run_at(self.program(relay))), [("mail", "sent", 1)])
        self.assertIn("Set-AuthConfig -PublishCertificate", relay.messages[0].body)
        self.assertRegex(relay.messages[0].mail["Subject"], "^CRITICAL .* ended 2 days ago")

    def test_recovered(self):
        relay = self.relay()
        program = self.program(relay)
        self.run_at(program)
        self.set_current(self.far)
        self.run_at(program, 1)
        self.assertEqual(len(relay.messages), 2)
        assert_well_formed(self, relay.messages[1])
        self.assertRegex(relay.messages[1].mail["Subject"], "^RECOVERED authcert Contoso: ")
        self.assertIn("ok (was warning)", relay.messages[1].body)
        self.assertNotEqual(relay.messages[0].mail["Message-ID"], relay.messages[1].mail["Message-ID"])

    def test_blind(self):
        relay = self.relay()
        program = self.program(relay)
        self.run_at(program)
        uri = program.sections["directory"]["uri"]
        program.change("directory", uri="ldaps://127.0.0.1:1")
        self.run_at(program, 1, status=3)
        self.assertEqual(len(relay.messages), 1)
        self.run_at(program, 2, status=3)
        self.assertEqual(len(relay.messages), 2)
        blind = relay.messages[1]
        assert_well_formed(self, blind)
        self.assertRegex(blind.mail["Subject"], r"^UNKNOWN authcert Contoso: the directory cannot be read since .* last known\)")
        for part in (self.near.thumbprint, self.near.not_after.strftime("%Y-%m-%d"), "Last known", "doctor",
                     "127.0.0.1:1"):
            self.assertIn(part, blind.body)
        program.change("directory", uri=uri)
        self.run_at(program, 3)
        self.assertRegex(relay.messages[2].mail["Subject"], "^WARNING authcert Contoso: ")
        self.assertIn("The directory can be read again.", relay.messages[2].body)

    def test_a_message_that_waits(self):
        relay = self.relay()
        program = self.program(relay, relay="smtp://127.0.0.1:1")
        seen = self.run_at(program, status=1)
        self.assertEqual(self.told(seen), [("mail", "queued", 1)])
        self.assertIn("127.0.0.1:1", seen.stderr)
        [waiting] = self.waiting(program)
        self.assertEqual(os.stat(waiting).st_mode & 0o777, 0o600)
        program.change("mail", relay=relay.uri)
        self.assertEqual(self.told(self.run_at(program)), [("mail", "sent", 1)])  # late
        self.assertEqual(self.waiting(program), [])
        [message] = relay.messages
        assert_well_formed(self, message)
        self.assertEqual(message.recipients, [ADMINS])

    def test_one_that_may_have_been_taken(self):
        """A relay gets the whole letter and hangs up: neither sent nor refused, on every surface."""
        relay = self.relay()
        with smtp.Hostile(smtp.close_after_message) as silent:
            program = self.program(relay, relay=[silent.uri, relay.uri], tls="opportunistic")
            seen = self.run_at(program, status=1)
            self.assertEqual(self.told(seen), [("mail", "unknown", 1)])
            self.assertIn("not known whether it took it", seen.stderr)
            self.assertEqual((silent.connections, relay.messages), (1, []))
            for command in "history", "doctor":
                shown = program.run(command).stdout
                self.assertIn("@", re.search(r"unclear +whether (\S+) took it .*Message-ID (<\S+>)", shown)[2])
            self.assertIn("not known to be taken", program.run("history").stdout)
            self.run_at(program, 0)  # the same night again: nothing is due
            self.assertEqual((silent.connections, relay.messages), (2, []))  # doctor asked it
            self.assertEqual(self.told(self.run_at(program, 1)), [("mail", "sent", 1)])
            self.assertEqual(silent.connections, 2)
        self.assertEqual([message.recipients for message in relay.messages], [[ADMINS]])
        self.assertEqual(self.waiting(program), [])
        self.assertNotIn("unclear", program.run("history").stdout)

    def test_one_refused(self):
        relay = self.relay(refuse={MANAGER: "550 5.1.1 no such user"})
        program = self.program(relay, to=[ADMINS, MANAGER])
        seen = program.run("run", json=True, now=self.began)
        self.assertEqual(self.told(seen), [("mail", "sent", 1)])
        self.assertIn("550 5.1.1 no such user", seen.stderr)
        relay.refuse.clear()
        self.run_at(program, 1)
        self.assertEqual([message.recipients for message in relay.messages], [[ADMINS], [MANAGER]])
        self.assertEqual(relay.messages[0].mail["Message-ID"], relay.messages[1].mail["Message-ID"])

    def test_a_damaged_outbox_file(self):
        relay = self.relay()
        program = self.program(relay)
        self.run_at(program)
        program.state.joinpath("outbox", "20260101T000000Z-x.json").write_bytes(b"{\xff\x1b[2J")
        seen = self.run_at(program, 1, status=1)
        self.assertRegex(seen.stderr, r"20260101T000000Z-x\.json is damaged")
        self.assertNotIn("\x1b", seen.stderr)
        self.assertEqual(self.waiting(program), [])
        self.assertEqual(len(list(program.state.joinpath("outbox").glob("*.damaged-*"))), 1)

    def test_login(self):
        password = "correct horse battery"
        relay = self.relay(starttls=False, smtps=True, users={"agent": password})
        program = self.program(relay, username="agent")
        program.change("mail", password_file=program.secret("password", password + "\n"))
        seen = program.run("-v", "run", now=self.began)
        self.assertEqual(seen.status, 0, seen)
        self.assertEqual(relay.messages[0].user, "agent")
        relay.users = {"agent": "another"}
        refused = program.run("-v", "notify", "--test", now=self.began)
        self.assertEqual(refused.status, 1, refused)
        self.assertIn("login of agent", refused.stderr)
        for result in seen, refused:
            self.assertNotIn(password, result.stdout + result.stderr)


class Tests(MailTest):
    def test_sent(self):
        relay = self.relay()
        program = self.program(relay, to=[ADMINS, MANAGER])
        seen = program.run("notify", "--test")
        self.assertEqual(seen.status, 0, seen)
        [message] = relay.messages
        assert_well_formed(self, message)
        self.assertRegex(message.mail["Subject"], "^TEST authcert")
        self.assertEqual(message.recipients, [ADMINS, MANAGER])

    def test_not_sent(self):
        relay = self.relay(starttls=False)
        program = self.program(relay)
        seen = program.run("notify", "--test")
        self.assertEqual(seen.status, 1, seen)
        self.assertIn("offers no TLS", seen.stderr)
        self.assertEqual(relay.messages, [])
        self.assertEqual(self.waiting(program), [])


class Hostile(unittest.TestCase):
    """What the directory says reaches a mail as text only."""

    def test_organization_and_servers(self):
        name = 'Evil\u001b[2J <b>"org"</b> =?utf-8?q?x?= \u202eGr\u00fc\u00df'
        certificate = pki.auth_certificate(days_left=21.5, subject="CN\r\nBcc: all@contoso.test\r\n\r\n<script>")
        servers = exchange.servers(2) + [exchange.Server("EX9", address=["ncacn_ip_tcp:ex9;reboot\r\nrun this"])]
        organization = exchange.Organization(name=name, current=certificate, servers=servers)
        with slapd.Slapd([organization]) as directory, smtp.Relay(starttls=True) as relay:
            mail = {"relay": relay.uri, "ca_file": relay.ca_file, "from": "authcert@contoso.test", "to": ADMINS}
            with Program({"directory": directory.directory_config(), "mail": mail}) as program:
                seen = program.run("run")
                self.assertEqual(seen.status, 0, seen)
            [message] = relay.messages
        assert_well_formed(self, message)
        subject = message.mail["Subject"]
        self.assertRegex(subject, r"^WARNING authcert Evil\\x1b\[2J <b>\"org\"</b> =\?utf-8\?q\?x\?= ")
        self.assertIn("Gr\u00fc\u00df: auth certificate ends in 21 days", subject)
        self.assertIn(certificate.thumbprint, message.body)
        self.assertIsNone(re.search(r"^\s*(Bcc|run this|<script>)", message.body, re.MULTILINE))


del MailTest  # a base, not a test


if __name__ == "__main__":
    unittest.main()
