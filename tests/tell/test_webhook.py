"""The webhook of the real program against a real HTTPS server: what it sends in each format, what it makes of each
answer, that nothing is lost, and that the address, which is a secret, goes nowhere else."""

import base64
import contextlib
import json
import time
import unittest

import exchange
import pki
import slapd
import smtp
import web
from program import Program, binary

PATH = "/workflows/4f1c9d27ab/triggers/manual/paths/invoke?api-version=2016-06-01&sig=Sg9sEcReTsIgNaTuRe77"
SECRETS = ("4f1c9d27ab", "Sg9sEcReTsIgNaTuRe77")
NIGHT = 86400
HOSTILE = "<b onmouseover=x>&<!channel> [here](https://evil.test) *x*"


class Webhook(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = contextlib.ExitStack()
        cls.addClassCleanup(cls.stack.close)
        cls.began = int(time.time())
        cls.current = pki.auth_certificate(days_left=21.5)
        cls.directory = cls.stack.enter_context(slapd.Slapd(
            [exchange.Organization(current=cls.current, servers=exchange.servers(3))]))

    def setUp(self):
        self.cleanup = contextlib.ExitStack()
        self.addCleanup(self.cleanup.close)
        self.room = self.cleanup.enter_context(web.Server())

    def program(self, directory=None, address=None, sections=None, trusting=True, **webhook):
        program = self.cleanup.enter_context(Program({"directory": (directory or self.directory).directory_config(),
                                                      **(sections or {})}))
        if trusting:
            program.executable = web.trusting(program.folder, binary())
        program.change("webhook", url_file=program.secret("address", (address or self.room.address + PATH) + "\n"),
                       **webhook)
        return program

    def run_at(self, program, night=0, status=0, command=("run",)):
        seen = program.run(*command, json=True, now=self.began + night * NIGHT + 60, timeout=60)
        self.assertEqual(seen.status, status, seen)
        self.assert_secret(program, seen)
        return seen

    def assert_secret(self, program, *results):
        """No part of the address is in anything that was said, or in any file but its own."""
        said = [("output", result.output + result.errors) for result in results]
        for where, content in said + list(web.everything_under(program.folder)):
            if getattr(where, "name", "") == "address":
                continue
            for secret in SECRETS:
                self.assertNotIn(secret.lower().encode(), content.lower(), where)

    def told(self, seen):
        return [(told["channel"], told["result"], told["to"]) for told in seen.report["told"]]

    def waiting(self, program):
        folder = program.state / "webhook"
        return [json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))]

    def bodies(self):
        return [json.loads(request.body) for request in self.room.requests]


def texts(value):
    """Every text in a message that a person sees."""
    if isinstance(value, dict):
        for key, member in value.items():
            if key == "text" and isinstance(member, str):
                yield member
            else:
                yield from texts(member)
    elif isinstance(value, list):
        for member in value:
            yield from texts(member)


class Formats(Webhook):
    def send(self, **options):
        program = self.program(**options)
        seen = self.run_at(program)
        self.assertEqual(self.told(seen), [("webhook", "sent", 1)], seen)
        [request] = self.room.requests
        self.assertEqual((request.method, request.path), ("POST", PATH))
        self.assertEqual(request.headers["Content-Type"], "application/json")
        self.assertEqual(self.waiting(program), [])
        return json.loads(request.body), request.body

    def test_teams(self):
        self.room.answers = [(202, {}, b"")]
        message, body = self.send()
        self.assertLess(len(body), 28 * 1024)
        self.assertEqual(message["type"], "message")
        [attachment] = message["attachments"]
        self.assertEqual(attachment["contentType"], "application/vnd.microsoft.card.adaptive")
        card = attachment["content"]
        self.assertEqual((card["type"], card["version"]), ("AdaptiveCard", "1.4"))
        self.assertEqual(card["body"][0]["style"], "warning")
        said = "\n".join(texts(card))
        for words in ("WARNING authcert Contoso: ", "ends in 21 days", self.current.thumbprint, "What to do", " check"):
            self.assertIn(words, said)
        # Only these show text as it is; TextBlock and FactSet would read Markdown in it.
        kinds = {element["type"] for element in card["body"]}
        self.assertEqual(kinds, {"Container", "RichTextBlock"})

    def test_slack(self):
        message, _ = self.send(format="slack")
        self.assertEqual(set(message), {"text", "blocks"})
        self.assertRegex(message["text"], "^WARNING authcert Contoso: ")
        self.assertEqual(message["blocks"][0]["type"], "header")
        self.assertLessEqual(len(message["blocks"]), 50)
        for block in message["blocks"]:
            for text in texts(block):
                self.assertLessEqual(len(text), 150 if block["type"] == "header" else 3000)
        self.assertIn(self.current.thumbprint, "\n".join(texts(message)))

    def test_json(self):
        message, _ = self.send(format="json")
        self.assertEqual(message["schema"], 1)
        self.assertEqual(message["organization"], "Contoso")
        self.assertEqual((message["state"], message["status"], message["test"]), ("WARNING", "warning", False))
        self.assertEqual(message["certificates"]["current"]["thumbprint"], self.current.thumbprint)
        self.assertEqual(message["certificates"]["current"]["days_left"], 21)
        self.assertIsNone(message["certificates"]["next"])
        self.assertEqual((message["decision"], message["act"], message["blocked"]), ("stage", "stage", "mode"))
        self.assertIn("expire", [due["what"] for due in message["due"]])
        self.assertIn("== What to do ==", message["text"])

    def test_hostile_names_stay_text(self):
        organization = exchange.Organization(current=self.current, name=HOSTILE.replace("=", "\\="),
                                             servers=exchange.servers(1))
        try:
            directory = self.cleanup.enter_context(slapd.Slapd([organization]))
        except Exception:  # pylint: disable=broad-except
            self.skipTest("this directory takes no such name")
        for form in ("teams", "slack"):
            with self.subTest(form=form):
                self.room.requests.clear()
                self.run_at(self.program(directory=directory, format=form))
                [message] = self.bodies()
                said = "\n".join(texts(message["blocks"][1:] if form == "slack" else message))
                self.assertEqual("<!channel>" in said, form == "teams")
                self.assertIn("&lt;!channel&gt;" if form == "slack" else "[here](https://evil.test)", said)


class Answers(Webhook):
    def test_too_large_is_shortened_and_sent_once_more(self):
        self.room.answers = [(413, {}, b""), (200, {}, b"ok")]
        program = self.program()
        self.assertEqual(self.told(self.run_at(program)), [("webhook", "sent", 1)])
        first, second = self.room.requests
        self.assertLess(len(second.body), len(first.body))
        self.assertIn("WARNING authcert Contoso: ", "\n".join(texts(json.loads(second.body))))
        self.assertEqual(self.waiting(program), [])

    def test_too_large_even_then_waits(self):
        self.room.answers = [(413, {}, b"")]
        program = self.program()
        self.assertEqual(self.told(self.run_at(program, status=1)), [("webhook", "queued", 1)])
        self.assertEqual(len(self.room.requests), 2)
        self.room.answers = [(200, {}, b"ok")]
        self.assertEqual(self.told(self.run_at(program, night=1)), [("webhook", "sent", 1)])
        self.assertEqual(self.waiting(program), [])

    def test_too_many_waits_as_long_as_it_is_told(self):
        self.room.answers = [(429, {"Retry-After": "36000"}, b"slow down")]
        program = self.program()
        self.run_at(program, status=1)
        [item] = self.waiting(program)
        self.assertGreaterEqual(item["next_attempt"],
                                time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.began + 36000)))
        self.room.answers = [(200, {}, b"ok")]
        self.run_at(program, night=0.2)
        self.assertEqual(len(self.room.requests), 1, "before its time")
        self.run_at(program, night=1)
        self.assertEqual(self.waiting(program), [])
        self.assertEqual(self.room.requests[1].body, self.room.requests[0].body)

    def test_an_error_of_the_other_side_is_tried_again_until_it_is_given_up(self):
        self.room.answers = [(500, {}, b"Internal error")]
        program = self.program()
        seen = self.run_at(program, status=1)
        self.assertEqual(self.told(seen), [("webhook", "queued", 1)])
        self.assertIn("answered 500", seen.stderr)
        self.assertNotIn("Internal error", seen.stderr, "only known words of an answer are shown")
        for night in range(1, 5):
            self.run_at(program, night=night, status=1)
            self.assertEqual(len(self.waiting(program)), 1)
        seen = self.run_at(program, night=15, status=1)
        self.assertIn("was given up after 14 days", seen.stderr)
        created = [item["created"] for item in self.waiting(program)]
        self.assertNotIn(time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.began + 60)), created)

    def test_a_redirect_is_not_followed(self):
        with web.Server() as elsewhere:
            for status in (301, 302, 307, 308):
                with self.subTest(status=status):
                    self.room.answers = [(status, {"Location": elsewhere.address + "/stolen"}, b"")]
                    program = self.program()
                    seen = self.run_at(program, status=1)
                    self.assertIn(f"answered {status}, a redirect", seen.stderr)
                    self.assertEqual(len(self.waiting(program)), 1)
            self.assertEqual(elsewhere.requests, [])

    def test_an_answer_that_repeats_the_address_is_not_shown(self):
        self.room.answers = [(404, {}, b"no such hook: " + PATH.encode())]
        seen = self.run_at(self.program(), status=1)
        self.assertIn("answered 404", seen.stderr)
        self.assertNotIn("no such hook", seen.stderr)

    def test_nor_is_one_that_repeats_it_encoded_or_cut(self):
        secret = PATH.rsplit("/", 1)[-1]
        for echoed in (secret[3:15], "".join(f"%{ord(letter):02x}" for letter in secret), secret.swapcase(),
                       "".join(f"\\u{ord(letter):04X}" for letter in PATH), PATH.replace("/", "\\/"),
                       "".join(f"%25{ord(letter):02X}" for letter in secret), base64.b64encode(PATH.encode()).decode(),
                       base64.b64encode(b"x" + PATH.encode()).decode()):
            with self.subTest(echoed=echoed):
                self.room.answers = [(404, {}, b"no such hook: " + echoed.encode())]
                program = self.program()
                seen = self.run_at(program, status=1)
                self.assertIn("answered 404", seen.stderr)
                self.assertNotIn("no such hook", seen.stderr + program.run("history").stdout)

    def test_an_endless_answer_is_cut(self):
        self.room.answers = [(500, {}, b"x" * 5_000_000)]
        seen = self.run_at(self.program(), status=1)
        self.assertIn("answered 500", seen.stderr)
        self.assertLess(len(seen.stderr), 4000)

    def test_another_format_meanwhile(self):
        self.room.answers = [(500, {}, b"")]
        program = self.program()
        self.run_at(program, status=1)
        self.room.answers = [(200, {}, b"")]
        program.change("webhook", format="slack")
        self.run_at(program, night=1)
        self.assertIn("blocks", self.bodies()[-1])
        self.assertEqual(self.waiting(program), [])


class Connections(Webhook):
    def test_nobody_there(self):
        with web.Server() as gone:
            address = gone.address + PATH
        program = self.program(address=address)
        seen = self.run_at(program, status=1)
        self.assertIn("no connection", seen.stderr)
        self.assertEqual(len(self.waiting(program)), 1)

    def test_not_trusted(self):
        program = self.program(trusting=False)
        seen = self.run_at(program, status=1)
        self.assertIn("is not trusted", seen.stderr)
        self.assertEqual(self.room.requests, [])

    def test_certificate_of_another_name(self):
        with web.Server(names=("hooks.contoso.test",)) as other:
            seen = self.run_at(self.program(address=other.address + PATH), status=1)
        self.assertIn("is not trusted", seen.stderr)
        self.assertEqual(other.requests, [])

    def test_too_weak(self):
        """Cause and remedy, by the run, by doctor and by notify; the dead man's switch the same."""
        for options, *words in (({"key": "rsa1024"}, "its key is too short", "2048 bits or more"),
                                ({"digest": pki.hashes.SHA1()}, "signed with SHA-1", "SHA-256"),
                                ({"old": True}, "no TLS 1.2 or later")):
            with self.subTest(words), web.Server(**options) as other:
                program = self.program(address=other.address + PATH)
                program.change("metrics", ping_url_file=program.secret("ping", other.address + PATH + "\n"))
                for command, status in (("run", 1), ("doctor", None), ("notify --test", 1)):
                    seen = program.run(*command.split())
                    for word in words:
                        self.assertGreaterEqual((seen.stdout + seen.stderr).count(word), 2, seen)
                    self.assertNotIn("see doctor", seen.stdout + seen.stderr)
                    if status is not None:
                        self.assertEqual(seen.status, status, seen)
                self.assertEqual(other.requests, [])

    def test_one_that_never_answers_does_not_hold_up_the_run(self):
        import threading
        self.room.hold = threading.Event()
        program = self.program()
        before = time.monotonic()
        seen = self.run_at(program, status=1)
        self.assertLess(time.monotonic() - before, 25)
        self.assertIn("no answer within 10 seconds", seen.stderr)
        self.assertEqual(len(self.waiting(program)), 1)

    def test_one_that_may_have_taken_it_is_asked_once_more_and_no_third_time(self):
        """The whole message went out and the connection ended without an answer: neither sent nor refused."""
        self.room.vanish = True
        program = self.program()
        seen = self.run_at(program, status=1)
        self.assertEqual(self.told(seen), [("webhook", "unknown", 1)])
        self.assertIn("got the message whole and did not say whether it took it", seen.stderr)
        self.assertIn("whether the webhook took it is not known; look into the room", program.run("history").stdout)
        self.run_at(program, night=0.2)
        self.assertEqual(len(self.room.requests), 1, "not in the same night")
        seen = self.run_at(program, night=1, status=1)
        self.assertEqual(len(self.room.requests), 2)
        self.assertIn("was handed over twice for the webhook", seen.stderr)
        self.assertIn("Look into the room", seen.stderr)
        self.assertEqual(self.waiting(program), [])
        self.run_at(program, night=2)
        self.assertEqual(len(self.room.requests), 2)

    def test_one_that_may_have_taken_it_answers_the_second_time(self):
        self.room.vanish = True
        program = self.program()
        self.run_at(program, status=1)
        self.room.vanish = False
        self.room.answers = [(500, {}, b""), (200, {}, b"ok")]
        self.run_at(program, night=1, status=1)
        self.assertEqual(len(self.waiting(program)), 1)
        self.assertEqual(self.told(self.run_at(program, night=2)), [("webhook", "sent", 1)])
        self.assertEqual(self.waiting(program), [])

    def test_mail_carries_it_when_the_webhook_fails(self):
        self.room.answers = [(500, {}, b"")]
        with smtp.Relay() as relay:
            program = self.program(sections={"mail": {"relay": f"smtp://127.0.0.1:{relay.port}", "tls": "off",
                                                      "from": "a@contoso.test", "to": "b@contoso.test"}})
            seen = self.run_at(program)
            self.assertEqual(sorted(self.told(seen)), [("mail", "sent", 1), ("webhook", "queued", 1)])
            self.assertEqual(len(relay.messages), 1)

    def test_proxy(self):
        with web.Proxy() as proxy:
            self.run_at(self.program(proxy=proxy.address))
            self.assertEqual(len(self.room.requests), 1)
            self.assertIn(b"CONNECT 127.0.0.1:", proxy.heard)
            for secret in SECRETS:
                self.assertNotIn(secret.encode(), proxy.heard)

    def test_a_proxy_of_the_environment_is_not_used(self):
        with web.Proxy() as proxy:
            program = self.program()
            seen = program.run("run", env={"https_proxy": proxy.address, "ALL_PROXY": proxy.address}, timeout=60)
            self.assertEqual((seen.status, proxy.heard), (0, b""), seen)

    def test_in_clear_on_loopback_alone(self):
        with web.Server(tls=False) as local:
            self.run_at(self.program(address=local.address + PATH))
            self.assertEqual(len(local.requests), 1)
        seen = self.run_at(self.program(address="http://hooks.contoso.test" + PATH), status=2)
        self.assertIn("does not begin with https://", seen.stderr)


class Address(Webhook):
    def test_the_file_is_private(self):
        program = self.program()
        (program.folder / "address").chmod(0o644)
        seen = self.run_at(program, status=2)
        self.assertIn("url_file", seen.stderr)
        self.assertEqual(self.room.requests, [])

    def test_what_is_no_address(self):
        for content in ("", "hooks.contoso.test", "https://", "https:///x", "ftp://a.test/x", "https://a.test/x y"):
            with self.subTest(content=content):
                program = self.program()
                program.secret("address", content + "\n")
                seen = program.run("config", "check")
                self.assertEqual(seen.status, 2, seen)
                self.assertIn("url_file", seen.stderr)

    def test_config_show_has_the_path_only(self):
        program = self.program()
        seen = program.run("config", "show")
        self.assertIn(str(program.folder / "address"), seen.stdout)
        self.assert_secret(program, seen)

    def test_no_argument_or_environment_has_it(self):
        """Every program that a run starts, with its arguments and environment, and every file name it opens."""
        import subprocess
        program = self.program()
        log = program.folder / "strace.log"
        words = ["strace", "-f", "-v", "-s", "4096", "-e", "trace=execve,openat,clone,prctl,rename,renameat", "-o",
                 str(log), *program.command("run")]
        environment = program.environment(extra={"ASAN_OPTIONS": "detect_leaks=0"})
        done = subprocess.run(words, env=environment, cwd=program.folder, capture_output=True, timeout=120, check=False)
        self.assertEqual(done.returncode, 0, done)
        self.assertEqual(len(self.room.requests), 1)
        self.assertIn("execve", log.read_text(errors="replace"))
        self.assert_secret(program)


class Tests(Webhook):
    def test_every_channel_is_tried_and_says_what_it_answered(self):
        self.room.answers = [(202, {}, b"")]
        with smtp.Relay() as relay, smtp.Hostile(smtp.busy) as busy:
            program = self.program(sections={"mail": {
                "relay": [f"smtp://127.0.0.1:{relay.port}", busy.uri], "tls": "off", "from": "a@contoso.test",
                "to": "b@contoso.test"}})
            seen = program.run("notify", "--test")
            self.assertEqual(seen.status, 1, seen)
            self.assertRegex(seen.stdout, rf"mail by smtp://127.0.0.1:{relay.port}: sent \(1 recipient\)")
            self.assertRegex(seen.stdout, rf"mail by {busy.uri}: failed")
            self.assertRegex(seen.stdout, r"webhook in the format teams: sent .*answered 202.*no proof")
            self.assertIn("too busy", seen.stderr)
            self.assertIn("TEST authcert", "\n".join(texts(self.bodies()[0])))
            self.assertEqual(self.waiting(program), [])
            self.assert_secret(program, seen)
            program.change("mail", relay=f"smtp://127.0.0.1:{relay.port}")
            self.assertEqual(program.run("notify", "--test").status, 0)

    def test_the_webhook_alone(self):
        program = self.program(format="slack")
        seen = program.run("notify", "--test")
        self.assertEqual((seen.status, seen.stdout),
                         (0, "webhook in the format slack: sent (1 recipient), it answered 200\n"), seen)
        self.room.answers = [(400, {}, b"invalid_payload")]
        seen = program.run("notify", "--test")
        self.assertEqual(seen.status, 1, seen)
        self.assertIn("invalid_payload", seen.stderr)
        self.assertEqual(self.waiting(program), [])


if __name__ == "__main__":
    unittest.main()
