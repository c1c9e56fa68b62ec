"""HTTPS servers that misbehave as no web server can be told to, each at an address of metadata.Servers.

    servers.peer("slow.contoso.test", listens=False)
    with servers, misbehaving.Servers(servers, {"slow.contoso.test": misbehaving.byte_by_byte}) as bad:
        bad.connections["slow.contoso.test"]    how many there were

A behaviour is a function of one connection after its TLS handshake. Those in RAW get it before. When it returns, the
connection is closed; when the other side closes first, that is its end.
"""

import email.utils
import json
import socket
import ssl
import threading
import time

import metadata

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def _request(connection):
    got = b""
    while b"\r\n\r\n" not in got:
        more = connection.recv(4096)
        if not more:
            raise OSError("no request")
        got += more
    return got


def _until_closed(connection, data, pause=0):
    while True:
        connection.sendall(data)
        if pause:
            time.sleep(pause)


def gigabyte_of_spaces(connection):
    _request(connection)
    connection.sendall(HEAD + b"Content-Length: 1073741824\r\n\r\n")
    for _ in range(1024):
        connection.sendall(b" " * 1048576)


def gigabyte_without_length(connection):
    _request(connection)
    connection.sendall(HEAD + b"Connection: close\r\n\r\n")
    for _ in range(1024):
        connection.sendall(b" " * 1048576)


def endless_chunks(connection):
    _request(connection)
    connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    _until_closed(connection, b"1\r\n \r\n" * 1000)


def byte_by_byte(connection):
    _request(connection)
    connection.sendall(HEAD + b"Content-Length: 100000\r\n\r\n")
    _until_closed(connection, b" ", pause=1)


def endless_headers(connection):
    _request(connection)
    connection.sendall(HEAD)
    _until_closed(connection, b"X-More: " + b"x" * 1000 + b"\r\n")


def endless_header(connection):
    _request(connection)
    connection.sendall(HEAD + b"X-Long: ")
    _until_closed(connection, b"x" * 4096)


def endless_continue(connection):
    _request(connection)
    _until_closed(connection, b"HTTP/1.1 100 Continue\r\n\r\n" * 100)


def silent(connection):
    while connection.recv(4096):
        pass


def half(connection):
    _request(connection)
    connection.sendall(HEAD + b'Content-Length: 5000\r\n\r\n{"keys": [')


def no_http(connection):
    _request(connection)
    connection.sendall(b"\x00\x01\x02\r\n220 mail.contoso.test ESMTP\r\n\r\n")


def nothing(connection):
    _request(connection)


def silent_before_tls(connection):
    silent(connection)


def closes(connection):
    pass


def no_tls(connection):
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
    connection.recv(4096)


RAW = (silent_before_tls, closes, no_tls)


class Dated:
    """Serves a good document with another HTTP Date, so many seconds from this host's (or that text)."""

    def __init__(self, fqdn, certificates, date):
        self.body = json.dumps(metadata.document(fqdn, certificates)).encode()
        self.date = date

    def __call__(self, connection):
        _request(connection)
        date = self.date if isinstance(self.date, str) else email.utils.formatdate(time.time() + self.date, usegmt=True)
        connection.sendall(HEAD + b"Date: %s\r\nContent-Length: %d\r\n\r\n" % (date.encode(), len(self.body)) + self.body)


class Servers:
    def __init__(self, servers, behaviours):
        self.servers, self.behaviours = servers, behaviours
        self.connections = {fqdn: 0 for fqdn in behaviours}
        self.listeners, self.open, self.ended = [], set(), False

    def __enter__(self):
        for fqdn, behaviour in self.behaviours.items():
            peer = self.servers.peers[fqdn]
            listener = socket.create_server((peer.address, self.servers.port), backlog=16)
            self.listeners.append(listener)
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*(peer.tls or self.servers.ca.server(fqdn)).write(self.servers.folder / fqdn, "tls"))
            threading.Thread(target=self._listen, args=(fqdn, listener, context, behaviour), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.ended = True
        for listener in self.listeners:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        for connection in list(self.open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def _listen(self, fqdn, listener, context, behaviour):
        while not self.ended:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            self.connections[fqdn] += 1
            threading.Thread(target=self._serve, args=(connection, context, behaviour), daemon=True).start()

    def _serve(self, connection, context, behaviour):
        self.open.add(connection)
        try:
            if behaviour in RAW:
                behaviour(connection)
            else:
                with context.wrap_socket(connection, server_side=True) as secure:
                    self.open.add(secure)
                    try:
                        behaviour(secure)
                    finally:
                        self.open.discard(secure)
        except OSError:
            pass
        finally:
            self.open.discard(connection)
            connection.close()


class BlackHole:
    """An address at which connections are never established: its queue is full, so it does not even refuse."""

    def __init__(self, servers, address=None):
        self.address, self.port = address or f"127.{servers.network}.255.253", servers.port

    def __enter__(self):
        self.listener = socket.create_server((self.address, self.port), backlog=0)
        self.fillers = []
        for _ in range(4):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex((self.address, self.port))
            self.fillers.append(filler)
        return self

    def __exit__(self, *_):
        for one in (self.listener, *self.fillers):
            one.close()
