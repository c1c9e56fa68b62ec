"""The dead man's switch of the real program against a real HTTPS server."""

import contextlib
import unittest

import exchange
import pki
import slapd
import web
from program import Program, binary

PATH = "/ping/9f8e7d6c-5b4a-4321-8765-0123456789ab"


class Ping(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = contextlib.ExitStack()
        cls.addClassCleanup(cls.stack.close)
        cls.directory = cls.stack.enter_context(slapd.Slapd(
            [exchange.Organization(current=pki.auth_certificate(days_left=400), servers=exchange.servers(2))]))

    def setUp(self):
        self.cleanup = contextlib.ExitStack()
        self.addCleanup(self.cleanup.close)
        self.switch = self.cleanup.enter_context(web.Server())

    def program(self, address=None, **metrics):
        program = self.cleanup.enter_context(Program({"directory": self.directory.directory_config()}))
        program.executable = web.trusting(program.folder, binary())
        program.change("metrics", ping_url_file=program.secret("ping", (address or self.switch.address + PATH) + "\n"),
                       **metrics)
        return program

    def asked(self):
        paths = [(request.method, request.path) for request in self.switch.requests]
        self.switch.requests.clear()
        return paths

    def run_it(self, program, *words, status=0):
        seen = program.run(*words, timeout=60)
        self.assertEqual(seen.status, status, seen)
        self.assertNotIn("9f8e7d6c", seen.stdout + seen.stderr)
        for path, content in web.everything_under(program.folder):
            if path.name != "ping":
                self.assertNotIn(b"9f8e7d6c", content, path)
        return seen

    def test_a_good_run(self):
        self.run_it(self.program(), "run")
        self.assertEqual(self.asked(), [("GET", PATH + "/start"), ("GET", PATH)])

    def test_a_run_that_could_not_look(self):
        program = self.program()
        program.change("directory", uri="ldaps://127.0.0.1:1")
        self.run_it(program, "run", status=3)
        self.assertEqual(self.asked(), [("GET", PATH + "/start"), ("GET", PATH + "/3")])

    def test_a_run_that_failed(self):
        program = self.program()
        program.change("metrics", textfile=program.folder / "missing" / "authcert.prom")
        self.run_it(program, "run", status=1)
        self.assertEqual(self.asked(), [("GET", PATH + "/start"), ("GET", PATH + "/1")])

    def test_only_runs_that_happened(self):
        program = self.program()
        for words in (("check",), ("history",), ("run", "--dry-run"), ("report", program.folder / "page.html")):
            self.run_it(program, *words)
        program.change("policy", mode="sometimes")
        self.run_it(program, "run", status=2)
        self.assertEqual(self.asked(), [])

    def test_a_query_and_a_slash_stay(self):
        self.run_it(self.program(self.switch.address + PATH + "/?create=1"), "run")
        self.assertEqual(self.asked(), [("GET", PATH + "/start?create=1"), ("GET", PATH + "/?create=1")])

    def test_it_never_fails_a_run(self):
        self.switch.answers = [(500, {}, b"")]
        seen = self.run_it(self.program(), "run")
        self.assertEqual(seen.stderr.count("dead man's switch"), 2, seen)
        self.switch.answers = [(302, {"Location": self.switch.address + "/elsewhere"}, b"")]
        self.run_it(self.program(), "run")
        self.assertNotIn("/elsewhere", [path for _, path in self.asked()])
        with web.Server() as gone:
            address = gone.address + PATH
        seen = self.run_it(self.program(address), "run")
        self.assertIn("no connection", seen.stderr)

    def test_a_signal_that_may_have_been_taken(self):
        self.switch.vanish = True
        seen = self.run_it(self.program(), "run")
        self.assertIn("which got the signal whole and may count it", seen.stderr)

    def test_proxy(self):
        with web.Proxy() as proxy:
            self.run_it(self.program(proxy=proxy.address), "run")
            self.assertEqual(len(self.asked()), 2)
            self.assertEqual(proxy.heard.count(b"CONNECT "), 2)
            self.assertNotIn(b"9f8e7d6c", proxy.heard)

    def test_notify(self):
        seen = self.run_it(self.program(), "notify", "--test")
        self.assertIn("dead man's switch: it answered", seen.stdout)
        self.assertEqual(self.asked(), [("GET", PATH)])
        self.switch.answers = [(404, {}, b"not found")]
        self.run_it(self.program(), "notify", "--test", status=1)


if __name__ == "__main__":
    unittest.main()
