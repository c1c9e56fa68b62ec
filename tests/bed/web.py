"""An HTTPS server on loopback that answers as a test tells it, and keeps what it was asked; and a proxy in front of it.

    with web.Server() as room:
        room.answers = [(413, {}, b""), (200, {}, b"ok")]     one after the other, the last one ever after
        room.address                                          https://127.0.0.1:PORT
        room.requests                                         [Request(method, path, headers, body), ...]

    program = Program(sections, executable=web.trusting(folder, executable))

`trusting` runs a program where the test CA is what this host trusts, in a mount namespace of its own.
"""

import contextlib
import os
import shutil
import socket
import ssl
import tempfile
import threading
from collections import namedtuple
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import mount
import pki

STORE = "/etc/ssl/certs/ca-certificates.crt"
Request = namedtuple("Request", "method path headers body")


def trusting(folder, executable):
    """Writes a script that runs the program with the test CA in place of this host's store; returns its path."""
    folder = Path(folder)
    mount.needed()
    authority = folder / "ca.pem"
    authority.write_bytes(pki.authority().pem)
    path = folder / "trusting"
    path.write_text(f'#!/bin/sh\nexec unshare --mount --propagation private sh -c \'mount --bind "$0" {STORE} && exec "$@"\''
                    f' "{authority}" "{executable}" "$@"\n')
    path.chmod(0o755)
    return path


class Server:
    def __init__(self, names=("127.0.0.1", "localhost"), tls=True, old=False, **certificate):
        self.names, self.tls, self.old, self.certificate = names, tls, old, certificate
        self.answers = [(200, {}, b"ok")]
        self.requests = []
        self.vanish = False  # it takes the request and goes away without an answer
        self.hold = None  # an Event: answers wait for it

    def __enter__(self):
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                length = int(self.headers.get("Content-Length", 0))
                outer.requests.append(Request(self.command, self.path, dict(self.headers), self.rfile.read(length)))
                if outer.vanish:
                    self.close_connection = True
                    return
                if outer.hold:
                    outer.hold.wait(60)
                status, headers, body = outer.answers[0]
                if len(outer.answers) > 1:
                    outer.answers.pop(0)
                with contextlib.suppress(OSError):
                    self.send_response(status)
                    for name, value in headers.items():
                        self.send_header(name, value)
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)

            do_GET = do_POST = answer

            def log_message(self, *unused):
                pass

        class Quiet(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *unused):
                """A client that does not trust the certificate goes away."""

        self.own = tempfile.mkdtemp(prefix="authcert-web-")
        self.server = Quiet(("127.0.0.1", 0), Handler)
        if self.tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.set_ciphers("DEFAULT:@SECLEVEL=0")  # its own weakness is its own affair
            if self.old:
                context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
            context.set_alpn_protocols(["h2", "http/1.1"])  # a client that takes the first is not answered
            context.load_cert_chain(*pki.authority().server(*self.names, **self.certificate).write(self.own, "server"))
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.port = self.server.server_address[1]
        self.address = f"http{'s' if self.tls else ''}://127.0.0.1:{self.port}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *unused):
        if self.hold:
            self.hold.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(10)
        shutil.rmtree(self.own, ignore_errors=True)


class Proxy:
    """Takes CONNECT and passes on what comes; `heard` is every byte that it could read itself."""

    def __init__(self):
        self.heard = b""

    def __enter__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()
        return self

    def _serve(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._one, args=(client,), daemon=True).start()

    def _one(self, client):
        with client, contextlib.suppress(OSError):
            head = b""
            while b"\r\n\r\n" not in head:
                data = client.recv(65536)
                if not data:
                    return
                head += data
            self.heard += head
            host, port = head.split()[1].decode().split(":")
            with socket.create_connection((host, int(port))) as server:
                client.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
                back = threading.Thread(target=self._pass, args=(server, client), daemon=True)
                back.start()
                self._pass(client, server)
                back.join(10)

    @staticmethod
    def _pass(source, goal):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                goal.sendall(data)
            goal.shutdown(socket.SHUT_WR)

    def __exit__(self, *unused):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(10)


def everything_under(folder):
    """The bytes of every file in a folder, for a look whether something is in them."""
    for root, _, names in os.walk(folder):
        for name in names:
            path = Path(root, name)
            if path.is_file() and not path.is_symlink():
                yield path, path.read_bytes()
