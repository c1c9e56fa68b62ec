"""Relays that people run, and relays that fail: what was due arrives once, whole, and is never lost.

The real one is Postfix; what it put into a mailbox is read by Python's email package and compared with what another
server got of the same message.
"""

import concurrent.futures
import contextlib
import email
import email.policy
import json
import os
import re
import socket
import time
import unittest

import exchange
import mta
import pki
import slapd
import smtp
import wellformed
from program import Program

A, B = "a@contoso.test", "b@contoso.test"
PASSWORD = "correct horse battery"
NIGHT = 86400
ADDED = ("Return-Path", "X-Original-To", "Delivered-To", "Received")  # by the server on the way


class Bed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.own = contextlib.ExitStack()
        cls.addClassCleanup(cls.own.close)
        cls.began = int(time.time())
        organization = exchange.Organization(current=pki.auth_certificate(days_left=40.5), servers=exchange.servers(2),
                                             name="Conto\u00df & S\u00f6hne <AG>")
        cls.directory = cls.own.enter_context(slapd.Slapd([organization]))

    def setUp(self):
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)

    def program(self, *relays, **mail):
        section = {"relay": [getattr(relay, "uri", relay) for relay in relays], "from": "authcert@contoso.test",
                   "to": [A, B], **mail}
        program = self.stack.enter_context(Program({"directory": self.directory.directory_config(), "mail": section}))
        if mail.get("username"):
            program.change("mail", password_file=program.secret("password", PASSWORD + "\n"))
        return program

    def night(self, program, number=0, status=0):
        seen = program.run("run", json=True, now=self.began + number * NIGHT + 60, timeout=120)
        self.assertEqual(seen.status, status, seen)
        self.assertNotIn(PASSWORD, seen.stdout + seen.stderr)
        self.told = [(told["channel"], told["result"], told["to"]) for told in seen.report["told"]]
        return seen

    def waiting(self, program):
        return [json.loads(path.read_text()) for path in sorted((program.state / "outbox").glob("*.json"))]


class Postfix(Bed):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.postfix = cls.own.enter_context(
            mta.Postfix([A, B], users={"agent": PASSWORD}, refuse={B: "550 5.1.1 no such user here"}, tls="encrypt"))

    def other(self):
        return self.stack.enter_context(smtp.Relay(starttls=True, users={"agent": PASSWORD}))

    def login(self, *relays, **mail):
        return self.program(*relays, ca_file=self.postfix.ca_file, username="agent", **mail)

    def test_the_next_relay_for_the_one_refused(self):
        before = len(self.postfix.messages(A))
        other = self.other()
        self.night(self.login(self.postfix, other))
        self.assertEqual(self.told, [("mail", "sent", 2)])
        mailbox = self.postfix.wait(A, before + 1)[-1]
        [message] = other.messages
        self.assertEqual(message.recipients, [B])
        self.assertEqual(self.postfix.messages(B), [])
        self.compare(mailbox.replace(b"\n", b"\r\n"), message.data)

    def compare(self, delivered, sent):
        """Header by header and part by part."""
        one = wellformed.check(delivered)
        other = email.message_from_bytes(sent, policy=email.policy.default)
        self.assertEqual([(name, str(value)) for name, value in one.items() if name not in ADDED],
                         [(name, str(value)) for name, value in other.items()])
        self.assertEqual(one["From"].addresses[0].addr_spec, "authcert@contoso.test")
        self.assertEqual([address.addr_spec for address in one["To"].addresses], [A, B])
        self.assertIn("Conto\u00df & S\u00f6hne <AG>", one["Subject"])
        self.assertIn("ESMTPSA", one["Received"])
        for kind in "plain", "html":
            parts = [mail.get_body((kind,)).get_content() for mail in (one, other)]
            self.assertEqual(parts[0], parts[1])
            self.assertIn("S\u00f6hne", parts[0])
        self.assertIn("Conto\u00df &amp; S\u00f6hne &lt;AG&gt;", one.get_body(("html",)).get_content())

    def test_the_one_refused_waits_alone(self):
        before = len(self.postfix.messages(A))
        program = self.login(self.postfix)
        metrics = program.folder / "authcert.prom"
        program.change("metrics", textfile=metrics)
        seen = self.night(program)
        self.assertEqual(self.told, [("mail", "sent", 1)])
        self.assertIn("550 5.1.1", seen.stderr)
        [waiting] = self.waiting(program)
        self.assertEqual(waiting["to"], [B])
        listed = program.run("history").stdout
        self.assertRegex(listed, f"waits .*WARNING authcert .* by mail for {re.escape(B)}; 1 attempt so far, .*550 5.1.1")
        self.assertIn('authcert_notifications_pending{organization="Conto\u00df & S\u00f6hne <AG>"} 1', metrics.read_text())
        mailbox = email.message_from_bytes(self.postfix.wait(A, before + 1)[-1], policy=email.policy.default)
        # Refused once more, it is no failure of the run: the others have it.
        self.night(program, 1)
        self.assertEqual(self.told, [])
        other = self.other()
        program.change("mail", relay=[self.postfix.uri, other.uri])
        self.night(program, 2)
        self.assertEqual(self.told, [("mail", "sent", 1)])
        [message] = other.messages
        self.assertEqual((message.recipients, message.mail["Message-ID"]), ([B], mailbox["Message-ID"]))
        self.assertEqual(len(self.postfix.messages(A)), before + 1)
        self.assertEqual(self.waiting(program), [])
        self.assertNotIn("waits", program.run("history").stdout)
        self.assertIn("went out late", program.run("history").stdout)
        self.assertIn("authcert_notifications_pending{", metrics.read_text())
        self.assertNotRegex(metrics.read_text(), r"authcert_notifications_pending\{.*\} 1")

    def test_login_refused(self):
        before = len(self.postfix.messages(A))
        program = self.login(self.postfix, to=[A])
        program.secret("password", "another one than that\n")
        seen = self.night(program, status=1)
        self.assertEqual(self.told, [("mail", "queued", 1)])
        self.assertIn("refused the login of agent (535", seen.stderr)
        program.secret("password", PASSWORD + "\n")
        self.night(program, 1)
        self.assertEqual(self.told, [("mail", "sent", 1)])
        self.assertEqual(len(self.postfix.wait(A, before + 1)), before + 1)

    def test_doctor(self):
        program = self.login(self.postfix)
        found = program.run("doctor").stdout
        self.assertIn(f"ok      {self.postfix.uri}: answers", found)
        program.secret("password", "another one than that\n")
        self.assertIn(f"FAILED  {self.postfix.uri}: ", program.run("doctor").stdout)


class NoGoodTls(Bed):
    def test_none_offered(self):
        with mta.Postfix([A, B], tls="none") as postfix:
            seen = self.night(self.program(postfix, ca_file=postfix.ca_file), status=1)
            self.assertEqual(self.told, [("mail", "queued", 2)])
            self.assertIn("offers no TLS, which tls = required asks for", seen.stderr)
            self.assertNotIn("from=<", postfix.log())

    def test_a_certificate_of_another_name(self):
        with mta.Postfix([A, B], names=("relay.elsewhere.test",)) as postfix:
            other = self.stack.enter_context(smtp.Relay(starttls=True))
            seen = self.night(self.program(postfix, ca_file=postfix.ca_file), status=1)
            self.assertIn("its TLS certificate is not trusted", seen.stderr)
            # The second relay is asked after that too.
            self.night(self.program(postfix, other, ca_file=postfix.ca_file))
            self.assertEqual(self.told, [("mail", "sent", 2)])
            self.assertEqual(len(other.messages), 1)
            self.assertNotIn("from=<", postfix.log())


class Misbehaving(Bed):
    """Each at first as the only relay, then as the first of two, all at the same time."""

    def test_nothing_is_lost(self):
        refusing = [{"refuse_sender": "451 4.3.0 not now"}, {"refuse_sender": "550 5.7.1 not you"},
                    {"refuse_message": "452 4.3.1 no room"}, {"refuse_message": "554 5.6.0 not that"},
                    {"refuse": {A: "450 4.2.1 later", B: "550 5.1.1 who"}}]
        # Those that hang are waited for as long as the standard has it: tests/notify/mail/test_relay.py shortens that.
        hostile = [smtp.close_at_once, smtp.close_at_recipient, smtp.busy, smtp.long_banner, smtp.many_banner_lines,
                   smtp.no_smtp]
        meetings = [lambda how=how: smtp.Relay(**how) for how in refusing] + [
            lambda how=how: smtp.Hostile(how) for how in hostile]
        with concurrent.futures.ThreadPoolExecutor(len(meetings)) as threads:
            for done in [threads.submit(self.meet, meeting) for meeting in meetings]:
                done.result()

    def meet(self, meeting):
        with meeting() as bad, smtp.Relay() as good, contextlib.ExitStack() as stack:
            sections = {"directory": self.directory.directory_config(),
                        "mail": {"relay": bad.uri, "tls": "off", "from": "authcert@contoso.test", "to": [A, B]}}
            program = stack.enter_context(Program(sections))
            first = self.run_once(program, 0, 1, ("queued", 2))
            self.assertIn(bad.uri, first.stderr)
            [kept] = (program.state / "outbox").glob("*.json")
            self.assertEqual(os.stat(kept).st_mode & 0o777, 0o600)
            identifier = json.loads(kept.read_text())["id"]
            program.change("mail", relay=good.uri)
            self.run_once(program, 1, 0, ("sent", 2))
            second = stack.enter_context(Program({**sections, "mail": {**sections["mail"],
                                                                       "relay": [bad.uri, good.uri]}}))
            self.run_once(second, 0, 0, ("sent", 2))
            self.assertEqual([message.recipients for message in good.messages], [[A, B], [A, B]])
            self.assertEqual(good.messages[0].mail["Message-ID"], identifier)
            for one in program, second:
                self.assertEqual(list((one.state / "outbox").glob("*.json")), [])

    def run_once(self, program, number, status, told):
        seen = program.run("run", json=True, now=self.began + number * NIGHT + 60, timeout=180)
        self.assertEqual(seen.status, status, seen)
        self.assertEqual([(one["result"], one["to"]) for one in seen.report["told"]], [told], seen)
        self.assertTrue(all(line.isprintable() for line in seen.stderr.splitlines()), seen.stderr)
        return seen


class Outbox(Bed):
    def test_it_is_durable_before_the_first_attempt(self):
        found = []

        def look(connection, ended):
            found.extend(self.waiting(program))
            smtp.close_at_recipient(connection, ended)

        with smtp.Hostile(look) as relay:
            program = self.program(relay, tls="off")
            self.night(program, status=1)
        [item] = found
        self.assertEqual((item["to"], item["attempts"], item["reason"]), ([A, B], 0, ""))
        self.assertIn(item["id"], item["text"])

    def test_it_backs_off_and_gives_up_after_a_fortnight(self):
        with smtp.Hostile(smtp.close_at_once) as relay:
            program = self.program(relay, tls="off")
            metrics = program.folder / "authcert.prom"
            program.change("metrics", textfile=metrics)
            self.night(program, status=1)
            for hours, attempts in (1, 2), (2, 3), (3, 3), (24, 4), (48, 5):
                program.run("run", now=self.began + hours * 3600 + 120)
                self.assertEqual([item["attempts"] for item in self.waiting(program)][0], attempts, hours)
            self.assertRegex(metrics.read_text(), r"authcert_notifications_given_up_total\{.*\} 0\n")
            seen = self.night(program, 14, status=1)
            self.assertRegex(seen.stderr, r'The message "WARNING .* was given up after 14 days, for 2 recipients: ')
            self.assertRegex(metrics.read_text(), r"authcert_notifications_given_up_total\{.*\} 1\n")
            # What is new by then waits in its place.
            self.assertNotIn(1, [item["attempts"] for item in self.waiting(program)][:-1])

    def test_when_all_roads_fail_the_run_says_so(self):
        """Neither sent nor kept: it is due again in the next run."""
        program = self.program("smtp://127.0.0.1:1")
        outbox = program.state / "outbox"
        outbox.mkdir(mode=0o700)
        for number in range(100):
            (outbox / f"{number:03}.json").write_text("{}")
        with contextlib.suppress(OSError):
            os.chmod(outbox, 0o700)
        seen = program.run("run", json=True, now=self.began + 60)
        self.assertEqual(seen.status, 1, seen)
        self.assertIn("no connection", seen.stderr)
        self.assertIn("is damaged", seen.stderr)
        relay = self.stack.enter_context(smtp.Relay(starttls=True))
        program.change("mail", relay=relay.uri, ca_file=relay.ca_file)
        self.night(program, 1)
        self.assertEqual(len(relay.messages), 1)


class Doctor(unittest.TestCase):
    """A relay that is one of the servers to be mended."""

    def examine(self, directory, *relays):
        with Program({"directory": directory.directory_config(),
                      "mail": {"relay": relays, "from": "authcert@contoso.test", "to": A}}) as program:
            return "every relay in [mail] is one of the Exchange servers" in program.run("doctor", timeout=120).stdout

    def test_relays_that_are_exchange(self):
        servers = exchange.servers(2)
        organization = exchange.Organization(current=pki.auth_certificate(days_left=400), servers=servers)
        names = [f"{server.name.lower()}.contoso.test" for server in servers]
        with slapd.Slapd([organization]) as directory:
            self.assertTrue(self.examine(directory, f"smtp://{names[0]}:1"))
            self.assertTrue(self.examine(directory, f"smtp://{names[0].upper()}:1", f"smtps://{names[1]}:1"))
            self.assertTrue(self.examine(directory, f"smtp://{names[1].split('.')[0]}:1"))
            self.assertFalse(self.examine(directory, f"smtp://{names[0]}:1", "smtp://127.0.0.1:1"))
            self.assertFalse(self.examine(directory, f"smtp://x{names[0]}:1"))

    def test_by_address(self):
        """A name that means this host is the same server as this host's address."""
        name = socket.gethostname()
        servers = [exchange.Server("EX1", address=["ncacn_ip_tcp:" + name])]
        organization = exchange.Organization(current=pki.auth_certificate(days_left=400), servers=servers)
        with slapd.Slapd([organization]) as directory:
            self.assertTrue(self.examine(directory, f"smtp://{socket.gethostbyname(name)}:1"))
            self.assertTrue(self.examine(directory, f"smtp://{name.upper()}:1"))


del Bed  # a base, not a test


if __name__ == "__main__":
    unittest.main()
