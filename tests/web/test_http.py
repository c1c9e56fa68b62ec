"""The client of web/http.h, against a real web server: one connection for all, every status an answer, nothing followed,
nothing from the environment, and caps on size and time."""

import os
import socket
import subprocess
import threading
import time
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CONFIG, NETWORK, BUG = 1, 3, 8  # of enum error_kind
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "http_proxy": "http://127.0.0.1:1", "all_proxy": "http://127.0.0.1:1"}


class Server:
    """Answers by path, and counts connections."""

    def __enter__(self):
        outer = self
        self.connections, self.seen = 0, []

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self):
                super().setup()
                outer.connections += 1

            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                outer.seen.append((self.command, self.path, dict(self.headers), body))
                path = self.path.rsplit("/", 1)[-1]
                if path == "slow":
                    time.sleep(3)
                said = {"large": b"x" * 100000, "full": b"y" * 1000}.get(path, b"said")
                self.send_response(int(path) if path.isdigit() else 200)
                if path == "302":
                    self.send_header("Location", "/elsewhere")
                if path == "429":
                    self.send_header("Retry-After", "17")
                if path == "headers":
                    for number in range(100):
                        self.send_header(f"X-{number}", "z" * 1000)
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

            do_GET = do_POST = answer

            def log_message(self, *_):
                pass

        class Quiet(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):  # the client hangs up on purpose
                pass

        self.server = Quiet(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def ask(*words, proxy="-", timeout=1, most=1000):
    done = subprocess.run([os.environ["ASKING"], proxy, str(timeout), str(most), *words], capture_output=True, text=True,
                          env=ENVIRONMENT, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done
    return done.stdout.splitlines()


class Http(unittest.TestCase):
    def setUp(self):
        self.web = self.enterContext(Server())
        self.at = self.web.address

    def test_one_connection_is_kept_whatever_the_status(self):
        said = ask(*(f"{self.at}/{path}" for path in ("a", "404", "500", "401", "b")))
        self.assertEqual(said, [f"{status} 0 whole said" for status in (200, 404, 500, 401, 200)])
        self.assertEqual(self.web.connections, 1)

    def test_no_redirect_is_followed(self):
        self.assertEqual(ask(f"{self.at}/302"), ["302 0 whole said"])
        self.assertEqual([path for _, path, _, _ in self.web.seen], ["/302"])

    def test_the_callers_header_and_body_are_sent_once(self):
        said = ask("post", "X-Own: a", "body", f"{self.at}/post", f"{self.at}/get")
        self.assertEqual(said, ["200 0 whole said"] * 2)
        (posted, _, headers, body), (got, _, others, _) = self.web.seen
        self.assertEqual((posted, headers["X-Own"], body, got), ("POST", "a", b"body", "GET"))
        self.assertNotIn("X-Own", others)

    def test_a_header_is_one_line(self):
        self.assertEqual(ask("post", "X-Own: a\r\nX-Other: b", "body", self.at)[0].split(":")[0], str(BUG))
        self.assertEqual(self.web.seen, [])

    def test_what_is_too_much_is_cut(self):
        said = ask(f"{self.at}/full", f"{self.at}/large", f"{self.at}/429", most=1000)
        self.assertEqual(said, ["200 0 whole " + "y" * 60, "200 0 cut " + "x" * 60, "429 17 whole said"])
        self.assertIn(f"{NETWORK}: the exchange broke off", ask(f"{self.at}/headers")[0])

    def test_time_is_limited_for_each(self):
        started = time.monotonic()
        said = ask(f"{self.at}/slow", f"{self.at}/a")
        self.assertEqual(said, [f"{NETWORK}: no answer within 1 seconds", "200 0 whole said"])
        self.assertLess(time.monotonic() - started, 3)

    def test_only_connects(self):
        self.assertEqual(ask("connect", self.at), ["0 0 whole "])
        self.assertEqual(self.web.seen, [])
        with socket.create_server(("127.0.0.1", 0)) as closed:
            port = closed.getsockname()[1]
        self.assertIn(f"{NETWORK}: no connection", ask("connect", f"http://127.0.0.1:{port}")[0])

    def test_the_proxy_is_the_settings_alone(self):
        with Server() as proxy:
            self.assertEqual(ask(f"{self.at}/a", proxy=proxy.address), ["200 0 whole said"])
            self.assertEqual([path for _, path, _, _ in proxy.seen], [f"{self.at}/a"])
        self.assertEqual(self.web.seen, [])

    def test_other_protocols_are_refused(self):
        for url in ("file:///etc/hostname", "ftp://127.0.0.1/", "http://"):
            self.assertEqual(ask(url), [f"{CONFIG}: its address, or the proxy, cannot be used"], url)


if __name__ == "__main__":
    unittest.main()
