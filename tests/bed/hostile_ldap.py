"""A small LDAP server that misbehaves in one chosen way, on a loopback port that the kernel chooses.

    with hostile_ldap.Hostile(tree=hostile_ldap.flood(100000)) as server:
        server.uri     ldap://127.0.0.1:PORT, for bind = anonymous (or simple with allow_cleartext) and tls = off

Without arguments it is a well-behaved one with a single organization and one server. Each stage can be replaced by a
function (connection, message_id) that sends what it likes: `connect` (before anything is read), `bind`, `root` (the
rootDSE), `tree` (the search below CN=Microsoft Exchange) and `thing` (the search for the auth configuration).
Everything ends with the `with` block: threads watch `connection.over`.
"""

import socket
import threading
import time

import wait

CONFIGURATION = "CN=Configuration,DC=contoso,DC=test"
EXCHANGE = "CN=Microsoft Exchange,CN=Services," + CONFIGURATION
ORGANIZATION = "CN=Contoso," + EXCHANGE
AUTH = "CN=Auth Configuration," + ORGANIZATION
SERVERS = "CN=Servers,CN=AG,CN=Administrative Groups," + ORGANIZATION
PAGED = "1.2.840.113556.1.4.319"

PACE = 0.2  # seconds between two pieces of what is slow without end

SEARCH_ENTRY, SEARCH_DONE, SEARCH_REFERENCE, BIND_RESPONSE, EXTENDED_RESPONSE = 0x64, 0x65, 0x73, 0x61, 0x78


# BER, as little as is needed

def length(number):
    if number < 0x80:
        return bytes([number])
    data = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return bytes([0x80 | len(data)]) + data


def tlv(tag, *parts):
    data = b"".join(parts)
    return bytes([tag]) + length(len(data)) + data


def integer(number, tag=0x02):
    return tlv(tag, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def octets(value):
    return tlv(0x04, value if isinstance(value, bytes) else value.encode())


def message(message_id, operation, controls=b""):
    return tlv(0x30, integer(message_id), operation, tlv(0xA0, controls) if controls else b"")


def result(tag, code=0, text="", referrals=()):
    more = tlv(0xA3, *[octets(uri) for uri in referrals]) if referrals else b""
    return tlv(tag, integer(code, 0x0A), octets(""), octets(text), more)


def entry(dn, **attributes):
    """A search entry; values are str, bytes, or lists of them; `__` in a name stands for a hyphen."""
    parts = []
    for name, values in attributes.items():
        values = values if isinstance(values, (list, tuple)) else [values]
        parts.append(tlv(0x30, octets(name.replace("__", "-")), tlv(0x31, *[octets(value) for value in values])))
    return tlv(SEARCH_ENTRY, octets(dn), tlv(0x30, *parts))


def page_control(cookie):
    return tlv(0x30, octets(PAGED), octets(tlv(0x30, integer(0), octets(cookie))))


class Connection:
    """One client. `send` gives up quietly when the client went away or the server ends."""

    def __init__(self, server, peer):
        self.server, self.peer, self.over = server, peer, server.over
        self.buffer = b""
        self.base = None  # of the search that is being answered

    def send(self, data):
        self.peer.sendall(data)

    def answer(self, message_id, *operations):
        self.send(b"".join(message(message_id, operation) for operation in operations))

    def receive(self):
        """The next request: (message id, operation tag, operation content)."""
        while True:
            request = self._complete()
            if request:
                return request
            data = self.peer.recv(65536)
            if not data:
                raise ConnectionError("closed")
            self.buffer += data

    def _complete(self):
        parsed = _element(self.buffer, 0)
        if not parsed:
            return None
        _, content, end = parsed
        self.buffer = self.buffer[end:]
        _, number, after = _element(content, 0)
        tag, operation, _ = _element(content, after)
        return int.from_bytes(number, "big"), tag, operation


def _element(data, at):
    if len(data) < at + 2:
        return None
    size, begin = data[at + 1], at + 2
    if size & 0x80:
        count = size & 0x7F
        if len(data) < begin + count:
            return None
        size, begin = int.from_bytes(data[begin:begin + count], "big"), begin + count
    if len(data) < begin + size:
        return None
    return data[at], data[begin:begin + size], begin + size


class Hostile:
    def __init__(self, connect=None, bind=None, root=None, tree=None, thing=None):
        self.connect, self.bind, self.root, self.tree, self.thing = connect, bind, root, tree, thing
        self.over = threading.Event()
        self.threads = []
        self.connections = 0
        self.binds = 0
        self.sent = 0  # pieces, by those that are slow without end

    def __enter__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.uri = "ldap://127.0.0.1:%d" % self.port
        self._start(self._accept)
        return self

    def __exit__(self, *_):
        self.over.set()
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for thread in self.threads:
            thread.join(wait.HANG)

    def _start(self, function, *arguments):
        thread = threading.Thread(target=function, args=arguments, daemon=True)
        self.threads.append(thread)
        thread.start()

    def _accept(self):
        while not self.over.is_set():
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            self._start(self._serve, peer)

    def _serve(self, peer):
        peer.settimeout(wait.HANG)
        connection = Connection(self, peer)
        try:
            if self.connect:
                self.connect(connection, 0)
            while not self.over.is_set():
                self._one(connection, *connection.receive())
        except OSError:
            pass
        finally:
            peer.close()

    def _one(self, connection, message_id, tag, content):
        if tag == 0x60:
            self.binds += 1
            (self.bind or good_bind)(connection, message_id)
        elif tag == 0x63:
            base = connection.base = _element(content, 0)[1].decode("utf-8", "replace")
            if not base:
                (self.root or good_root)(connection, message_id)
            elif base.lower() == EXCHANGE.lower():
                (self.tree or good_tree)(connection, message_id)
            else:
                (self.thing or good_thing)(connection, message_id)
        elif tag == 0x42:
            raise ConnectionError("unbind")
        else:
            connection.answer(message_id, result(EXTENDED_RESPONSE, 2, "not understood"))


# What a good one answers

def good_bind(connection, message_id):
    connection.answer(message_id, result(BIND_RESPONSE))


def root_entry(**changes):
    attributes = {"configurationNamingContext": CONFIGURATION, "dnsHostName": "dc1.contoso.test",
                  "supportedControl": PAGED}
    attributes.update(changes)
    return entry("", **attributes)


def good_root(connection, message_id):
    connection.answer(message_id, root_entry(), result(SEARCH_DONE))


def server_entry(name="EX1", **changes):
    attributes = {"objectClass": ["top", "msExchExchangeServer"], "networkAddress": "ncacn_ip_tcp:%s.contoso.test" % name,
                  "versionNumber": "1942128136", "serialNumber": "Version 15.2 (Build 31544.25)",
                  "msExchCurrentServerRoles": "16385", "msExchServerSite": "CN=Site1,CN=Sites," + CONFIGURATION}
    attributes.update(changes)
    return entry("CN=%s,%s" % (name, SERVERS), **attributes)


def tree_entries():
    return [entry(ORGANIZATION, objectClass="msExchOrganizationContainer"),
            entry(AUTH, objectClass="msExchAuthAuthConfig"), server_entry()]


def good_tree(connection, message_id):
    connection.answer(message_id, *tree_entries(), result(SEARCH_DONE))


def auth_entry(**changes):
    attributes = {"msExchAuthCertificateThumbprint": "0:" + 40 * "A", "msExchAuthRealm": "contoso.test"}
    attributes.update(changes)
    return entry(AUTH, **attributes)


def good_thing(connection, message_id):
    connection.answer(message_id, auth_entry(), result(SEARCH_DONE))


# Ways to misbehave

def replies(*operations):
    """Answers with these operations."""
    return lambda connection, message_id: connection.answer(message_id, *operations)


def hang(connection, _):
    """Says nothing until the test is over, or the client hangs up."""
    connection.over.wait(wait.HANG)
    raise ConnectionError("hung")


def close(connection, _):
    raise ConnectionError("closed on purpose")


def close_in_mid_answer(connection, message_id):
    """One whole entry, half of another, then the end."""
    connection.send(message(message_id, tree_entries()[0]))
    connection.send(message(message_id, server_entry())[:40])
    raise ConnectionError("closed on purpose")


def hang_in_mid_answer(connection, message_id):
    connection.send(message(message_id, server_entry())[:40])
    hang(connection, message_id)


def dribble(connection, message_id):
    """A byte at a time, never a whole message."""
    data = message(message_id, entry("CN=" + 100000 * "x" + "," + EXCHANGE))
    for at in range(len(data)):
        if connection.over.wait(PACE):
            break
        connection.server.sent += 1
        connection.send(data[at:at + 1])


def slow_entries(connection, message_id):
    """Whole entries for ever, one at a time: each is in time, the answer never ends."""
    number = 0
    while not connection.over.wait(PACE):
        number += 1
        connection.server.sent = number
        connection.send(message(message_id, server_entry("EX%d" % number)))


def flood(count):
    """That many servers."""
    def misbehave(connection, message_id):
        connection.answer(message_id, *tree_entries())
        for first in range(0, count, 1000):
            if connection.over.is_set():
                return
            connection.send(b"".join(message(message_id, server_entry("EX%d" % i)) for i in range(first, first + 1000)))
        connection.answer(message_id, result(SEARCH_DONE))
    return misbehave


def flood_entries(size):
    """That many bytes of the smallest entries that there are, as an answer to whatever was asked, and no end."""
    def misbehave(connection, message_id):
        piece = 1000 * message(message_id, entry(""))
        for _ in range(0, size, len(piece)):
            if connection.over.is_set():
                return
            connection.send(piece)
        hang(connection, message_id)
    return misbehave


def announce(size):
    """Announces one message of that many bytes, and sends some of it."""
    def misbehave(connection, _):
        connection.send(b"\x30\x84" + size.to_bytes(4, "big") + b"\x02\x01\x02\x64")
        for _ in range(200):
            if connection.over.is_set():
                return
            connection.send(65536 * b"\0")
        hang(connection, 0)
    return misbehave


def announce_value(size):
    """A small message with an entry in it whose value claims that many bytes."""
    def misbehave(connection, message_id):
        value = b"\x04\x84" + size.to_bytes(4, "big") + b"abc"
        attribute = tlv(0x30, octets("networkAddress"), tlv(0x31, value))
        connection.answer(message_id, tlv(SEARCH_ENTRY, octets("CN=EX1," + SERVERS), tlv(0x30, attribute)),
                          result(SEARCH_DONE))
    return misbehave


def big_entries(size, count):
    """That many entries, each with a value of that size."""
    def misbehave(connection, message_id):
        connection.answer(message_id, *tree_entries())
        data = message(message_id, server_entry("EX", networkAddress=size * b"x"))
        for _ in range(count):
            if connection.over.is_set():
                return
            connection.send(data)
        connection.answer(message_id, result(SEARCH_DONE))
    return misbehave


def garbage(connection, _):
    connection.send(b"\xff\xfe<html>\x1b[31m HTTP/1.0 400 Bad Request\r\n\r\n" * 50)
    hang(connection, 0)


def wrong_message_ids(connection, message_id):
    """Answers that belong to no request, for ever."""
    while not connection.over.wait(0.05):
        connection.answer(message_id + 1000, *tree_entries(), result(SEARCH_DONE))


def endless_pages(connection, message_id):
    """Each page says that there is another one."""
    connection.send(message(message_id, result(SEARCH_DONE), page_control(b"more")))


def big_cookie(connection, message_id):
    connection.send(message(message_id, result(SEARCH_DONE), page_control(1000000 * b"c")))


def notice_of_disconnection(connection, _):
    connection.send(message(0, tlv(EXTENDED_RESPONSE, integer(52, 0x0A), octets(""), octets("shutting down"),
                                   tlv(0x8A, b"1.3.6.1.4.1.1466.20036"))))
    hang(connection, 0)
