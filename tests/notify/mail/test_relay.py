"""The mail channel against real and misbehaving relays, through the small program $TELLING."""

import base64
import os
import shutil
import ssl
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bed"))

import pki  # noqa: E402
import smtp  # noqa: E402

A, B = "a@contoso.test", "b@contoso.test"
NETWORK, CONFIG, CREDENTIALS, LOCAL = 3, 1, 2, 6  # of enum error_kind
PASSWORD = "correct horse battery"
# A proxy in the environment must not be asked: nothing listens there.
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "http_proxy": "http://127.0.0.1:1", "all_proxy": "http://127.0.0.1:1",
               "smtp_proxy": "http://127.0.0.1:1", "ASAN_OPTIONS": "abort_on_error=1", "UBSAN_OPTIONS": "abort_on_error=1"}


class Outcome:
    def __init__(self, text, seconds):
        self.text, self.seconds = text, seconds
        lines = text.splitlines()
        self.told = [tuple(line.split()[1:]) for line in lines if line.startswith("told ")]
        self.troubles = [line.split(" ", 1)[1] for line in lines if line.startswith("trouble ")]
        word, kind, self.error = (lines[-1] + " ").split(" ", 2)
        self.ok, self.kind, self.error = word == "ok", int(kind), self.error.strip()


class Case(unittest.TestCase):
    def setUp(self):
        self.outbox = tempfile.mkdtemp(prefix="authcert-outbox-")
        self.addCleanup(shutil.rmtree, self.outbox)

    def do(self, what, *relays, to=(A, B), tls="off", **settings):
        lines = [f"relay {relay}" for relay in relays] + [f"to {address}" for address in to]
        lines += [f"outbox {self.outbox}", f"tls {tls}"] + [f"{key} {value}" for key, value in settings.items()]
        begun = time.monotonic()
        done = subprocess.run([os.environ["TELLING"], what], input="\n".join(lines) + "\n", text=True, timeout=60,
                              capture_output=True, env=ENVIRONMENT, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done)
        self.assertNotIn(PASSWORD, done.stdout)
        return Outcome(done.stdout, time.monotonic() - begun)

    def waiting(self):
        return [Path(self.outbox, name).read_text() for name in sorted(os.listdir(self.outbox))]

    def assert_sent(self, outcome, count=2):
        self.assertEqual((outcome.ok, outcome.told), (True, [("sent", str(count))]), outcome.text)

    def assert_queued(self, outcome, kind, *words, count=2):
        self.assertEqual((outcome.ok, outcome.told, outcome.kind), (True, [("queued", str(count))], kind),
                         outcome.text)
        for word in words:
            self.assertIn(word, outcome.error)
        self.assertEqual(len(self.waiting()), 1)
        self.assertTrue(outcome.error.isprintable(), outcome.error)


class Sending(Case):
    def test_one_letter_for_all(self):
        with smtp.Relay() as relay:
            self.assert_sent(self.do("tell", relay.uri))
        [message] = relay.messages
        self.assertEqual((message.sender, message.recipients), ("authcert@contoso.test", [A, B]))
        self.assertEqual(message.ehlo, "agent.contoso.test")
        self.assertEqual(message.mail["To"], f"{A}, {B}")
        self.assertEqual(self.waiting(), [])

    def test_the_next_relay_when_one_is_down(self):
        with smtp.Relay() as relay:
            self.assert_sent(self.do("tell", "smtp://127.0.0.1:1", relay.uri))
        self.assertEqual(len(relay.messages), 1)

    def test_the_next_relay_for_those_whom_one_refused(self):
        with smtp.Relay(refuse={B: "550 5.1.1 no such user"}) as first, smtp.Relay() as second:
            self.assert_sent(self.do("tell", first.uri, second.uri))
        self.assertEqual([message.recipients for message in first.messages + second.messages], [[A], [B]])
        self.assertEqual(first.messages[0].mail["Message-ID"], second.messages[0].mail["Message-ID"])

    def test_one_refused_waits_alone(self):
        for reply, kind in (("550 5.1.1 no such user", CONFIG), ("450 4.2.1 try later", NETWORK)):
            with self.subTest(reply), smtp.Relay(refuse={B: reply}) as relay:
                outcome = self.do("tell", relay.uri)
                self.assert_sent(outcome, 1)
                self.assertEqual(outcome.kind, kind)
                self.assertIn(f"{B}: {reply}", outcome.error)
                [waiting] = self.waiting()
                self.assertNotIn(f'"{A}",', waiting.split('"text"')[0])
                relay.refuse = {}
                outcome = self.do("flush", relay.uri)
                self.assertEqual((outcome.ok, outcome.troubles), (True, []))
                self.assertEqual([message.recipients for message in relay.messages], [[A], [B]])
                self.assertEqual(relay.messages[0].data, relay.messages[1].data)
                self.assertEqual(self.waiting(), [])

    def test_everything_refused(self):
        with smtp.Relay(refuse={A: "550 no", B: "450 later"}) as relay:
            self.assert_queued(self.do("tell", relay.uri), CONFIG, f"{A}: 550 no", f"{B}: 450 later")
        with smtp.Relay(refuse_sender="553 5.7.1 not you") as relay:
            outcome = self.do("flush", relay.uri)
            self.assertIn("553 5.7.1 not you", outcome.troubles[0])

    def test_message_refused(self):
        with smtp.Relay(refuse_message="451 4.3.0 later") as relay:
            self.assert_queued(self.do("tell", relay.uri), NETWORK, "451 4.3.0 later")

    def test_a_test_waits_for_nobody(self):
        with smtp.Relay(refuse={B: "550 no"}) as relay:
            outcome = self.do("test", relay.uri)
        self.assertEqual((outcome.ok, outcome.told), (False, [("sent", "1")]))
        self.assertEqual(self.waiting(), [])

    def test_queued_letters_go_when_a_relay_is_back(self):
        self.assert_queued(self.do("tell", "smtp://127.0.0.1:1"), NETWORK, "no connection")
        with smtp.Relay() as relay:
            self.assertEqual(self.do("flush", relay.uri).troubles, [])
        self.assertEqual([message.recipients for message in relay.messages], [[A, B]])
        self.assertEqual(self.waiting(), [])

    def test_a_relay_that_is_down_is_asked_once_in_a_round(self):
        self.assert_queued(self.do("tell", "smtp://127.0.0.1:1"), NETWORK)
        [name] = os.listdir(self.outbox)
        for copy in range(5):
            shutil.copy(os.path.join(self.outbox, name), os.path.join(self.outbox, f"{copy}.json"))
        with smtp.Hostile(smtp.close_at_once) as relay:
            outcome = self.do("flush", relay.uri)
        self.assertEqual(len(outcome.troubles), 6)
        self.assertEqual(relay.connections, 1)


class Format(Case):
    """The message as Python's email package reads it, which knows nothing of the code that wrote it."""

    def test_it_is_the_golden_text(self):
        with smtp.Relay() as relay:
            self.assert_sent(self.do("tell", relay.uri))
        [message] = relay.messages
        golden = Path(__file__).parents[1].joinpath("golden", "expiry.txt").read_text()
        subject, body = golden.split("\n\n", 1)
        self.assertEqual("Subject: " + message.mail["Subject"], subject)
        self.assertEqual(message.body, body)

    def test_headers(self):
        with smtp.Relay() as relay:
            self.assert_sent(self.do("tell", relay.uri))
        mail = relay.messages[0].mail
        self.assertEqual(mail.defects, [])
        for name in mail:
            self.assertEqual(mail[name].defects, (), name)
        self.assertEqual(len(set(mail.keys())), len(mail.keys()))
        self.assertEqual([part.get_content_type() for part in mail.walk()],
                         ["multipart/alternative", "text/plain", "text/html"])
        self.assertEqual(mail["From"].addresses[0].addr_spec, "authcert@contoso.test")
        self.assertEqual(mail["Date"].datetime.isoformat(), "2026-11-21T02:00:00+00:00")
        self.assertEqual(mail["Message-ID"], "<1795226400-00112233aabbccdd.expiry.authcert@agent.contoso.test>")
        self.assertEqual(mail["Auto-Submitted"], "auto-generated")
        self.assertEqual(mail["X-Auto-Response-Suppress"], "All")
        self.assertEqual(mail["List-Id"], "authcert <authcert.agent.contoso.test>")
        self.assertEqual(mail["MIME-Version"], "1.0")

    def test_bytes(self):
        with smtp.Relay() as relay:
            self.assert_sent(self.do("tell", relay.uri))
        data = relay.messages[0].data
        self.assertTrue(data.isascii())
        self.assertEqual(data.count(b"\n"), data.count(b"\r\n"))
        self.assertEqual(data.count(b"\r"), data.count(b"\r\n"))
        self.assertTrue(all(len(line) <= 78 for line in data.split(b"\r\n")))


class Advice(Case):
    """A refusal's own words and its enhanced code say what to do."""

    def test_senders(self):
        for reply, word in (("530 5.7.0 Must issue a STARTTLS command first", "tls = required"),
                            ("530 5.7.57 Client not authenticated to send mail", "set username"),
                            ("550 5.7.60 SMTP; Client does not have permissions to send as this sender", "Send As"),
                            ("550 5.7.26 This mail is unauthenticated", "SPF"),
                            ("554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using x", "this host's address"),
                            ("501 5.5.4 Invalid domain name", "EHLO"), ("552 5.3.4 Message size exceeds", "larger"),
                            ("452 4.3.1 Insufficient system resources", "disk space"),
                            ("421 4.7.0 Too many connections", "limits")):
            with self.subTest(reply), smtp.Relay(refuse_sender=reply) as relay:
                self.assert_queued(self.do("tell", relay.uri), NETWORK if reply[0] == "4" else CONFIG, reply, word)

    def test_recipients(self):
        for reply, word in (("550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain", "relay to other domains"),
                            ("554 5.7.1 <b@contoso.test>: Relay access denied", "relay to other domains"),
                            ("450 4.7.1 <b@contoso.test>: Recipient address rejected: Greylisted", "nothing is wrong"),
                            ("451 4.7.1 Please try again later", "nothing is wrong"),
                            ("550 5.1.10 RESOLVER.ADR.RecipientNotFound", "to or escalate_to"),
                            ("552 5.2.2 Mailbox full", "mailbox is full")):
            with self.subTest(reply), smtp.Relay(refuse={B: reply}) as relay:
                outcome = self.do("tell", relay.uri)
                self.assertIn(reply, outcome.error)
                self.assertIn(word, outcome.error)

    def test_the_message(self):
        for reply, word in (("552-5.3.4 Your message exceeded\r\n552 5.3.4 our limits", "larger"),
                            ("554 5.7.1 content refused", "check the addresses")):
            with self.subTest(reply), smtp.Relay(refuse_message=reply) as relay:
                self.assert_queued(self.do("tell", relay.uri), CONFIG, word)


class Unclear(Case):
    """A relay that gets the whole letter and does not say whether it took it."""

    def assert_unclear(self, outcome, *words, count=2):
        self.assertEqual((outcome.ok, outcome.told, outcome.kind), (True, [("unknown", str(count))], NETWORK), outcome.text)
        for word in ("not known whether it took it", *words):
            self.assertIn(word, outcome.error)

    def test_a_slow_answer_is_waited_for(self):
        """Longer than every other step may take."""
        with smtp.Relay(slow=3) as relay:
            self.assert_sent(self.do("tell", relay.uri, patience="1000 30000"))
        self.assertEqual(len(relay.messages), 1)

    def test_no_answer(self):
        for behave in smtp.hang_after_message, smtp.close_after_message:
            with self.subTest(behave.__name__), smtp.Hostile(behave) as relay, smtp.Relay() as other:
                self.assert_unclear(self.do("tell", relay.uri, other.uri, patience="5000 500"))
                self.assertEqual(other.messages, [], "it would be there twice")
                [waiting] = self.waiting()
                self.assertIn(relay.uri, waiting)
                os.unlink(os.path.join(self.outbox, os.listdir(self.outbox)[0]))

    def test_it_goes_once_more_by_another_relay(self):
        with smtp.Hostile(smtp.hang_after_message) as relay, smtp.Relay() as other:
            self.assert_unclear(self.do("tell", relay.uri, other.uri, patience="5000 500"))
            self.assertEqual(self.do("flush", relay.uri, other.uri).troubles, [])
            self.assertEqual(relay.connections, 1)
        [message] = other.messages
        self.assertEqual((message.recipients, message.mail["Message-ID"]),
                         ([A, B], "<1795226400-00112233aabbccdd.expiry.authcert@agent.contoso.test>"))
        self.assertEqual(self.waiting(), [])

    def test_and_then_no_more(self):
        with smtp.Hostile(smtp.hang_after_message) as relay:
            self.assert_unclear(self.do("tell", relay.uri, patience="5000 500"))
            [trouble] = self.do("flush", relay.uri, patience="5000 500").troubles
            self.assertIn("handed over twice for 2 recipients", trouble)
            self.assertIn("<1795226400-00112233aabbccdd.expiry.authcert@agent.contoso.test>", trouble)
            self.assertEqual([name for name in os.listdir(self.outbox) if name.endswith(".json")], [])
            self.assertEqual(self.do("flush", relay.uri).troubles, [])
            self.assertEqual(relay.connections, 2)

    def test_a_relay_that_is_down_the_second_night_uses_nothing_up(self):
        with smtp.Hostile(smtp.hang_after_message) as relay:
            self.assert_unclear(self.do("tell", relay.uri, patience="5000 500"))
        [trouble] = self.do("flush", "smtp://127.0.0.1:1").troubles
        self.assertIn("still waits for 2 recipients", trouble)
        self.assertIn('"unclear"', self.waiting()[0])

    def test_those_who_were_refused_go_on_by_the_next_relay(self):
        def behave(connection, ended):
            smtp.hang_after_message_to(connection, ended, b"550 5.1.1 no such user\r\n", B.encode())

        with smtp.Hostile(behave) as relay, smtp.Relay() as other:
            outcome = self.do("tell", relay.uri, other.uri, patience="5000 500")
        self.assertEqual(outcome.told, [("sent", "1")], outcome.text)
        self.assertEqual([message.recipients for message in other.messages], [[B]])
        self.assertIn(f'"unclear": [\n    "{A}"', self.waiting()[0])

    def test_a_test(self):
        with smtp.Hostile(smtp.hang_after_message) as relay:
            outcome = self.do("test", relay.uri, patience="5000 500")
        self.assertEqual((outcome.ok, outcome.told), (False, [("unknown", "2")]))
        self.assertEqual(self.waiting(), [])

    def test_no_good_bye(self):
        with smtp.Hostile(smtp.hang_at_good_bye) as relay:
            outcome = self.do("tell", relay.uri, patience="1000")
        self.assert_sent(outcome)
        self.assertLess(outcome.seconds, 15)

    def test_a_run_s_time_for_mail(self):
        """Relays that hang do not take more than all mail of a run may."""
        with smtp.Hostile(smtp.hang) as one, smtp.Hostile(smtp.hang) as two:
            outcome = self.do("tell", one.uri, two.uri, patience="60000", run=1000)
        self.assert_queued(outcome, NETWORK, "time that a run has for mail is used up")
        self.assertEqual((one.connections, two.connections), (1, 0))


class Tls(Case):
    def test_required(self):
        with smtp.Relay() as relay:
            self.assert_queued(self.do("tell", relay.uri, tls="required"), NETWORK, "no TLS")
        self.assertEqual(relay.messages, [])

    def test_starttls(self):
        with smtp.Relay(starttls=True) as relay:
            self.assert_sent(self.do("tell", relay.uri, tls="required", ca_file=relay.ca_file))
        self.assertTrue(relay.messages[0].tls)

    def test_opportunistic(self):
        with smtp.Relay(starttls=True) as relay:
            self.assert_sent(self.do("tell", relay.uri, tls="opportunistic", ca_file=relay.ca_file))
        self.assertTrue(relay.messages[0].tls)
        with smtp.Relay() as relay:
            self.assert_sent(self.do("tell", relay.uri, tls="opportunistic"))

    def test_opportunistic_asks_nobody_who_he_is(self):
        """RFC 7435: encrypted where it can be, whoever is there; in clear where it cannot."""
        old = pki.authority().server("127.0.0.1", not_before=pki.now() - pki.days(9), not_after=pki.now() - pki.days(1))
        for options in ({}, {"names": ("other.contoso.test",)}, {"certificate": old}):
            with self.subTest(options), smtp.Relay(starttls=True, **options) as relay:
                self.assert_sent(self.do("tell", relay.uri, tls="opportunistic"))
                self.assertTrue(relay.messages[0].tls)
        with smtp.Relay(starttls=True) as relay:
            relay.context.minimum_version = relay.context.maximum_version = ssl.TLSVersion.TLSv1_1
            self.assert_sent(self.do("tell", relay.uri, tls="opportunistic"))
            self.assertFalse(relay.messages[0].tls)
            self.assert_queued(self.do("tell", relay.uri, tls="required", ca_file=relay.ca_file), NETWORK,
                               "TLS failed")

    def test_opportunistic_is_nothing_for_a_password(self):
        with smtp.Relay(starttls=True, users={"agent": PASSWORD}) as relay:
            outcome = self.do("tell", relay.uri, tls="opportunistic", username="agent", password=PASSWORD)
            self.assert_queued(outcome, NETWORK, "not trusted")
            self.assertEqual((relay.logins, relay.messages), ([], []))

    def test_opportunistic_changes_nothing_for_smtps(self):
        with smtp.Relay(smtps=True) as relay:
            self.assert_queued(self.do("tell", relay.uri, tls="opportunistic"), NETWORK, "not trusted")

    def test_smtps(self):
        with smtp.Relay(smtps=True) as relay:
            self.assert_sent(self.do("tell", relay.uri, ca_file=relay.ca_file))

    def test_not_trusted(self):
        for relay in (smtp.Relay(starttls=True), smtp.Relay(smtps=True)):
            with self.subTest(relay.smtps), relay:
                outcome = self.do("tell", relay.uri, tls="required")
                self.assert_queued(outcome, NETWORK, "not trusted", "ca_file")
                self.assertEqual(relay.messages, [])

    def test_wrong_name(self):
        with smtp.Relay(starttls=True, names=("other.contoso.test",)) as relay:
            self.assert_queued(self.do("tell", relay.uri, tls="required", ca_file=relay.ca_file), NETWORK, "127.0.0.1")

    def test_expired(self):
        old = pki.authority().server("127.0.0.1", not_before=pki.now() - pki.days(9), not_after=pki.now() - pki.days(1))
        with smtp.Relay(smtps=True, certificate=old) as relay:
            self.assert_queued(self.do("tell", relay.uri, ca_file=relay.ca_file), NETWORK, "expired")

    def test_the_forms_of_a_ca_file(self):
        with tempfile.TemporaryDirectory() as folder, smtp.Relay(smtps=True) as relay, smtp.Relay(starttls=True) as other:
            ca = pki.authority()
            for name, data in {"der": ca.der, "p7b": ca.p7b(), "two.der": pki.Authority("x").der + ca.der}.items():
                with self.subTest(name):
                    Path(folder, name).write_bytes(data)
                    for one in relay, other:
                        self.assert_sent(self.do("tell", one.uri, tls="required", ca_file=f"{folder}/{name}"))
            for name, data in {"cut.der": ca.der[:-9], "text": b"none\n", "empty": b"", "cut.pem": ca.pem[:-40]}.items():
                with self.subTest(name):
                    Path(folder, name).write_bytes(data)
                    self.assert_queued(self.do("tell", relay.uri, tls="required", ca_file=f"{folder}/{name}"), CONFIG,
                                       "ca_file in [mail]", "could not be read as certificates")

    def test_a_damaged_ca_file_keeps_no_mail_where_tls_need_not_be(self):
        with smtp.Relay() as relay:
            self.assert_sent(self.do("tell", relay.uri, tls="opportunistic", ca_file="/nonexistent/ca.pem"))

    def test_no_ca_file(self):
        with smtp.Relay(smtps=True) as relay:
            self.assert_queued(self.do("tell", relay.uri, ca_file="/nonexistent/ca.pem"), CONFIG, "ca_file")


class Login(Case):
    def login(self, relay, password=PASSWORD, what="tell", **settings):
        return self.do(what, relay.uri, ca_file=relay.ca_file, username="agent", password=password, **settings)

    def test_plain_and_login(self):
        for without in ("LOGIN",), ("PLAIN",):
            with self.subTest(without), smtp.Relay(smtps=True, users={"agent": PASSWORD}, without=without) as relay:
                self.assert_sent(self.login(relay))
                self.assertEqual(relay.messages[0].user, "agent")

    def test_tls_whatever_tls_says(self):
        for tls in "off", "opportunistic", "required":
            with self.subTest(tls), smtp.Relay(starttls=True, users={"agent": PASSWORD}) as relay:
                self.assert_sent(self.login(relay, tls=tls))
                self.assertTrue(relay.messages[0].tls)

    def test_never_in_clear(self):
        for tls in "off", "opportunistic", "required":
            with self.subTest(tls), smtp.Relay(users={"agent": PASSWORD}, auth_in_clear=True) as relay:
                self.assertIn("no TLS", self.login(relay, tls=tls).error)
                self.assertEqual(relay.logins, [])

    def test_refused(self):
        with smtp.Relay(smtps=True, users={"agent": "another"}) as relay:
            self.assert_queued(self.login(relay), CREDENTIALS, "login of agent", "535", "check username")

    def test_what_the_relay_says_decides(self):
        """Each as servers in the field say it."""
        for reply, *words in (
                ("535 5.7.139 Authentication unsuccessful, basic authentication is disabled. [XX0P.PROD.OUTLOOK.COM "
                 "2026-11-21T02:00:00Z]", "5.7.139", "basic authentication is disabled", "not the password"),
                ("535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. Visit "
                 "https://aka.ms/smtp_auth_disabled for more information.", "is disabled for the Tenant", "not the password"),
                ("535 5.7.139 Authentication unsuccessful, the user credentials were incorrect.", "check username"),
                ("535 5.7.3 Authentication unsuccessful", "check username"),
                ("534-5.7.9 Application-specific password required. For more information, go to\r\n"
                 "534 5.7.9  https://support.google.com/mail/?p=InvalidSecondFactor", "app password"),
                ("538 5.7.11 Encryption required for requested authentication mechanism", "without TLS")):
            with self.subTest(reply), smtp.Relay(smtps=True, users={"agent": PASSWORD}, refuse_login=reply) as relay:
                outcome = self.login(relay)
                self.assert_queued(outcome, CREDENTIALS, "login of agent", reply[:3], *words)
                self.assertEqual("check username" in outcome.error, "check username" in words)

    def test_an_echo_of_the_password(self):
        sent = base64.b64encode(f"\0agent\0{PASSWORD}".encode()).decode()
        for echo in (PASSWORD, PASSWORD.upper(), sent, sent[:20], base64.b64encode(PASSWORD.encode()).decode()):
            with self.subTest(echo), smtp.Relay(smtps=True, users={"agent": PASSWORD}, without=("LOGIN",),
                                                refuse_login=f"535 5.7.8 wrong: {echo}") as relay:
                error = self.login(relay).error
                self.assertIn("(535 5.7.8 wrong: ...", error)
                for word in echo.split():
                    self.assertNotIn(word, error)

    def test_a_password_file_with_a_byte_order_mark(self):
        with smtp.Relay(smtps=True, users={"agent": PASSWORD}) as relay:
            self.assertIn("begins with U+FEFF", self.login(relay, password="\ufeff" + PASSWORD).error)

    def test_not_possible_for_now(self):
        """Nothing is wrong with name and password."""
        with smtp.Relay(smtps=True, users={"agent": PASSWORD},
                        refuse_login="454 4.7.0 Temporary authentication failure") as relay:
            outcome = self.login(relay)
            self.assert_queued(outcome, NETWORK, "login of agent", "454", "later run")
            self.assertNotIn("check username", outcome.error)


class Probe(Case):
    def test_probe(self):
        with smtp.Relay(starttls=True, users={"agent": PASSWORD}) as relay:
            good = {"ca_file": relay.ca_file, "username": "agent", "password": PASSWORD, "tls": "required"}
            self.assertTrue(self.do("probe", relay.uri, **good).ok)
            outcome = self.do("probe", relay.uri, **{**good, "password": "another"})
            self.assertEqual((outcome.ok, outcome.kind), (False, CREDENTIALS))
            self.assertEqual(relay.messages, [])
        outcome = self.do("probe", relay.uri, **good)
        self.assertEqual((outcome.ok, outcome.kind), (False, NETWORK))

    def test_no_auth_offered(self):
        with smtp.Relay(starttls=True) as relay:
            outcome = self.do("probe", relay.uri, ca_file=relay.ca_file, username="agent", password=PASSWORD)
        self.assertEqual((outcome.ok, outcome.kind), (False, CREDENTIALS))
        self.assertIn("no AUTH", outcome.error)

    def test_odd_urls(self):
        for uri in ("http://127.0.0.1", "smtp://", "127.0.0.1:25", "smtp://a:b@127.0.0.1", "smtp://127.0.0.1/path",
                    "smtp://127.0.0.1:99999", "smtp://127.0.0.1?x", "file:///etc/passwd", "smtp://a b"):
            with self.subTest(uri):
                outcome = self.do("probe", uri)
                self.assertEqual((outcome.ok, outcome.kind), (False, CONFIG), outcome.text)


class Misbehaving(Case):
    """Each is over within a few timeouts of two seconds, keeps the letter and says what happened."""

    def meet(self, behave, *words, kind=NETWORK, seconds=10):
        with smtp.Hostile(behave) as relay:
            outcome = self.do("tell", relay.uri)
        self.assert_queued(outcome, kind, *words)
        self.assertLess(outcome.seconds, seconds)

    def test_hangs(self):
        self.meet(smtp.hang, "in time")

    def test_hangs_up(self):
        self.meet(smtp.close_at_once, "broke off")

    def test_hangs_up_in_mid_dialogue(self):
        self.meet(smtp.close_at_recipient, "broke off")

    def test_busy(self):
        self.meet(smtp.busy, "421 4.3.2")

    def test_banner_of_a_megabyte(self):
        self.meet(smtp.long_banner)

    def test_banner_without_end(self):
        self.meet(smtp.many_banner_lines, "65536 bytes")

    def test_banner_in_drips(self):
        self.meet(smtp.drip, "in time")

    def test_another_service(self):
        self.meet(smtp.no_smtp)

    def test_escapes_in_a_refusal(self):
        self.meet(smtp.escaping_refusal, r"550 \x1b[31mno\xff\xfe such user", kind=CONFIG)

    def test_no_time_at_any_step(self):
        """421 may answer every command."""
        for step in range(1, 5):
            with self.subTest(step=step):
                self.setUp()
                self.meet(lambda *at: smtp.script(*at, b"220 x\r\n", *[b"250 x\r\n"] * (step - 1),
                                                  b"421 4.3.2 shutting down\r\n"), "421 4.3.2 shutting down")

    def test_odd_answers_to_the_message(self):
        long = b"x" * 2000
        for reply, kind, word in ((b"552 5.3.4 too big", CONFIG, "raise its limit"),
                                  (b"451 4.7.1 greylisted", NETWORK, "wants everybody new to come again"),
                                  (b"250-fine\r\n550 5.7.1 spam", CONFIG, "550 "),
                                  (b"550 5.7.1 a\0b", CONFIG, r"a\x00b"), (b"550 5.7.1 " + long, CONFIG, "550 5.7.1 xxx"),
                                  (b"550-5.7.1 spam\r\n250 fine", None, None), (b"250 2.0.0 a\0b", None, None),
                                  (b"250 " + long, None, None)):
            with self.subTest(reply=reply[:30]):
                self.setUp()
                with smtp.Hostile(lambda *at: smtp.answer_to_message(*at, reply + b"\r\n")) as relay:
                    outcome = self.do("tell", relay.uri)
                if kind is None:
                    self.assert_sent(outcome)
                else:
                    self.assert_queued(outcome, kind, word)

    def test_the_next_relay_gets_it(self):
        with smtp.Hostile(smtp.close_at_recipient) as first, smtp.Relay() as second:
            self.assert_sent(self.do("tell", first.uri, second.uri))
        self.assertEqual([message.recipients for message in second.messages], [[A, B]])


if __name__ == "__main__":
    unittest.main()
