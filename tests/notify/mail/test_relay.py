"""The mail channel against real and misbehaving relays, through the small program $TELLING."""

import os
import shutil
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
            self.assert_queued(self.login(relay), CREDENTIALS, "login of agent", "535")

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

    def test_hangs_after_the_message(self):
        self.meet(smtp.hang_after_message, "in time")

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

    def test_the_next_relay_gets_it(self):
        with smtp.Hostile(smtp.close_at_recipient) as first, smtp.Relay() as second:
            self.assert_sent(self.do("tell", first.uri, second.uri))
        self.assertEqual([message.recipients for message in second.messages], [[A, B]])


if __name__ == "__main__":
    unittest.main()
