"""Exchange servers that answer badly, each in its own way: nothing is believed of them, nothing breaks, nobody waits,
and the report says of each what is wrong and what to do."""

import gzip
import json
import re
import time
import unittest

import exchange
import metadata
import misbehaving
import pki
import probed
import strace

# More servers of which the same is said in one sentence.
OTHERS = r"(?:, [\w.-]+\.contoso\.test)*(?: and \d+ more)?"

TIMEOUT = 10  # what a good server has time for on a busy machine
SENTENCES = 10  # so many are shown in one report
GOOD = ("GOOD1", "GOOD2")
CURRENT = pki.auth_certificate()
DOCUMENT = metadata.document("bad.contoso.test", [CURRENT])
TEXT = json.dumps(DOCUMENT).encode()
LOG_IN = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body><form>...</form></body></html>"


def key(**changes):
    return dict(DOCUMENT, keys=[dict(DOCUMENT["keys"][0], **changes)])


def foreign(subject):
    return pki.auth_certificate(subject=subject, key=pki.new_key())


# name: (what the connection is like, what is said of it)
TLS = {
    "OTHERNAME": (dict(tls=lambda name: pki.authority().server("mail.contoso.test")), "tls_name"),
    "EXPIRED": (dict(tls=lambda name: pki.authority().server(name, not_before=pki.now() - pki.days(9),
                                                             not_after=pki.now() - pki.days(2))), "expired"),
    "SELFSIGNED": (dict(tls=lambda name: pki.auth_certificate(subject=name, names=[name], issuer=None)), "self-signed"),
    "OTHERCA": (dict(tls=lambda name: pki.Authority("some other CA").server(name)), "CA that is not trusted"),
    "OLDTLS": (dict(protocols="TLSv1"), "TLS"),
    "NOTLS": (dict(secure=False), "TLS"),
}
# name: (what nginx is told to do, what is said of it)
STATUS = {
    "MOVED": ("return 301 https://good1.contoso.test:$server_port$request_uri;", "301"),
    "LOGIN": ("default_type text/html; try_files /document =500;", "web page"),
    "S401": ("return 401;", "401"),
    "S403": ("return 403;", "403"),
    "S404": ("return 404;", "404"),
    "S500": ("return 500;", "500"),
    "S503": ("return 503;", "503"),
    "GZIP": ("add_header Content-Encoding gzip; try_files /document =500;", "gzip"),
}
# name: (the document, what is said of it)
DOCUMENTS = {
    "EMPTY": (b"", "empty"),
    "HALF": (TEXT[:len(TEXT) // 2], "no JSON"),
    "LIST": (b"[]", "no object"),
    "LATIN": (TEXT.replace(b"Exchange", b"Exch\xe4nge"), "JSON"),
    "NUMBER": (dict(DOCUMENT, realm=5), "realm"),
    "NUMBERS": (key(keyinfo={"x5t": 17}), "x5t"),
    "TWICE": (TEXT.replace(b'{"id"', b'{"realm": "fabrikam.test", "id"', 1), "JSON"),
    "NOKEYS": ({name: value for name, value in DOCUMENT.items() if name != "keys"}, "keys"),
    "MANYKEYS": (dict(DOCUMENT, keys=[{"usage": "x"}] * 10000), "values"),
    "MANYCERTS": (dict(DOCUMENT, keys=[metadata.signing_key(CURRENT)] * 10000), "more than"),
    "MEMBERS": (dict(DOCUMENT, **{"m%d" % number: 1 for number in range(10000)}), "values"),
    "DEEP": (TEXT[:-1] + b', "more": ' + b"[" * 10000 + b"]" * 10000 + b"}", "deep"),
    "DEEPOPEN": (b'{"keys": ' + b'{"a": ' * 10000, "deep"),
    "X5T": (key(keyinfo={"x5t": metadata.thumbprint_id("A" * 40)}), "x5t"),
    "RUBBISH": (key(keyvalue={"type": "x509Certificate", "value": "%%%%"}), "base64"),
    "NODER": (key(keyvalue={"type": "x509Certificate", "value": "AAAAAAAA"}), "certificate"),
    "SUBJECT": (metadata.document("bad.contoso.test", [foreign("www.contoso.test")]), "www.contoso.test"),
    "REALM": (dict(DOCUMENT, realm="fabrikam.test"), "fabrikam.test"),
    "SERVICE": (dict(DOCUMENT, serviceName="11111111-0000-0ff1-ce00-000000000000"), "service name"),
    "ESCAPES": (dict(DOCUMENT, realm="\x1b[31m\r\nBcc: evil@example.com\u202e"), "realm"),
}
# name: (what the server does, what is said of it)
BEHAVIOURS = {
    "SPACES": (misbehaving.gigabyte_of_spaces, "more than"),
    "STREAM": (misbehaving.gigabyte_without_length, "more than"),
    "CHUNKS": (misbehaving.endless_chunks, "more than"),
    "SLOW": (misbehaving.byte_by_byte, "seconds"),
    "HEADERS": (misbehaving.endless_headers, "header"),
    "HEADER": (misbehaving.endless_header, "header"),
    "CONTINUE": (misbehaving.endless_continue, ""),
    "SILENT": (misbehaving.silent, "seconds"),
    "CUT": (misbehaving.half, ""),
    "SMTP": (misbehaving.no_http, ""),
    "NOTHING": (misbehaving.nothing, ""),
    "CLOSES": (misbehaving.closes, ""),
    "NOHELLO": (misbehaving.silent_before_tls, "took the connection, but did not finish TLS"),
    "PLAIN": (misbehaving.no_tls, "TLS"),
}
# Where there is no connection at all.
GONE = {"REFUSED": "refused", "NONAME": "name", "HOLE": "no connection within"}
BATCHES = {"TLS": TLS, "STATUS": STATUS, "DOCUMENTS": DOCUMENTS, "BEHAVIOURS": BEHAVIOURS, "GONE": GONE}


def fqdn(name):
    return name.lower() + ".contoso.test"


class BadServers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        names = [*GOOD, *(name for batch in BATCHES.values() for name in batch)]
        bed = cls.bed = probed.Bed(CURRENT, servers=[exchange.Server(name) for name in names],
                                   policy={"mode": "monitor"}, section={"timeout": f"{TIMEOUT}s"})
        for name, (options, _) in TLS.items():
            peer = bed.servers.peers[fqdn(name)]
            for option, value in options.items():
                setattr(peer, option, value(fqdn(name)) if option == "tls" else value)
        for name, (location, _) in STATUS.items():
            bed.servers.peers[fqdn(name)].location = location
        for name in BEHAVIOURS:
            bed.servers.peers[fqdn(name)].listens = False
        cls.enterClassContext(bed)
        cls.enterClassContext(misbehaving.Servers(bed.servers, {fqdn(name): does for name, (does, _) in
                                                                BEHAVIOURS.items()}))
        for name, (content, _) in DOCUMENTS.items():
            bed.servers.serve(fqdn(name), content)
        bed.servers.serve(fqdn("LOGIN"), LOG_IN)
        bed.servers.serve(fqdn("GZIP"), gzip.compress(TEXT))
        bed.servers.cut_off(fqdn("REFUSED"))
        bed.servers.names.point(fqdn("NONAME"), None)
        bed.servers.names.point(fqdn("HOLE"), cls.enterClassContext(misbehaving.BlackHole(bed.servers)).address)
        cls.seen = bed.run("check")
        cls.found = bed.presence(cls.seen)
        cls.text, cls.said = "", {}
        bad = [name for batch in BATCHES.values() for name in batch]
        for first in range(0, len(bad), SENTENCES):
            cls.learn_sentences(names, bad[first:first + SENTENCES])

    @classmethod
    def learn_sentences(cls, names, some):
        """What the text says of each of some servers, with all others ignored."""
        cls.bed.program.change("servers", ignore=[fqdn(name) for name in names if name not in some])
        text = cls.bed.program.run("check").stdout
        cls.text += text
        section = " ".join(text.split("\nExchange servers\n")[1].split("\n\n")[0].split())
        for name in some:
            found = re.search(fqdn(name) + OTHERS + r": (.*?)(?= [\w.-]+\.contoso\.test" + OTHERS + r": |$)", section)
            cls.said[name] = found.group(1) if found else ""

    def assert_batch(self, batch, expected):
        for name, what in batch.items():
            word = what if isinstance(what, str) else what[1]
            with self.subTest(name):
                self.assertIn(self.found[name.lower()], expected)
                self.assertIn(word, self.said[name])
                self.assertGreater(len(self.said[name].split()), 4)

    def test_tls(self):
        self.assert_batch(TLS, ["unknown"])

    def test_http(self):
        self.assert_batch(STATUS, ["unknown"])

    def test_documents(self):
        self.assert_batch(DOCUMENTS, ["unknown"])

    def test_misbehaviour(self):
        self.assert_batch(BEHAVIOURS, ["unknown"])

    def test_no_connection(self):
        self.assert_batch(GONE, ["unreachable"])

    def test_the_good_ones_beside_them(self):
        for name in GOOD:
            self.assertEqual(self.found[name.lower()], "present")
        current = self.seen.report["certificates"]["current"]
        self.assertEqual((current["thumbprint"], current["source"]), (CURRENT.thumbprint, "metadata"))
        self.assertNotIn("missing", self.found.values())

    def test_nobody_waits_for_them(self):
        real, self.bed.program.executable = self.bed.program.executable, self.bed.servers.executable(strace.release())
        _, seconds = strace.waited(self.bed.program, "check")
        self.bed.program.executable = real
        self.assertLess(seconds, TIMEOUT * 1.2 + 3)

    def test_nothing_of_theirs_gets_through(self):
        for text in (self.seen.stdout, self.text, self.bed.program.run("doctor").stdout):
            for bad in ("\x1b[31m", "\r", "\u202e"):
                self.assertNotIn(bad, text)


class HungHandshakes(unittest.TestCase):
    def test_they_count_among_those_that_are_talked_to(self):
        """Each is connected, so it keeps its place until its time is over: with one place they take turns."""
        names = ["EX1", "EX2", "EX3"]
        bed = probed.Bed(CURRENT, servers=[exchange.Server(name) for name in names], policy={"mode": "monitor"},
                         section={"timeout": "1s", "parallel": 1})
        for name in names:
            bed.servers.peers[fqdn(name)].listens = False
        with bed, misbehaving.Servers(bed.servers, {fqdn(name): misbehaving.silent_before_tls for name in names}) as bad:
            began = time.monotonic()
            self.assertEqual(list(bed.presence(bed.run("check")).values()), ["unknown"] * 3)
            self.assertGreater(time.monotonic() - began, 2.9)  # a busy machine makes it more
            self.assertEqual(list(bad.connections.values()), [1] * 3)


class Contradiction(unittest.TestCase):
    """The directory names no realm, and the servers do not agree about it."""

    def presence(self, *realms):
        names = ["EX%d" % (number + 1) for number in range(len(realms))]
        with probed.Bed(CURRENT, servers=[exchange.Server(name) for name in names], realm=None,
                        policy={"mode": "monitor"}) as bed:
            for name, realm in zip(names, realms):
                bed.servers.serve(fqdn(name), metadata.document(fqdn(name), [CURRENT], realm=realm))
            seen = bed.run("check")
            self.assertEqual(seen.report["certificates"]["current"]["source"], "metadata", seen)
            return list(bed.presence(seen).values())

    def test_realms(self):
        self.assertEqual(self.presence("contoso.test", "fabrikam.test"), ["unknown"] * 2)
        self.assertEqual(self.presence("contoso.test", "fabrikam.test", "contoso.test"),
                         ["present", "unknown", "present"])
        self.assertEqual(self.presence("contoso.test", "Contoso.Test"), ["present"] * 2)

    def test_certificates(self):
        """Each lists another certificate than the other, and the directory names that of the first."""
        other = pki.auth_certificate(400, key=pki.new_key())
        with probed.Bed(CURRENT, servers=exchange.servers(2), policy={"mode": "monitor"}) as bed:
            bed.servers.serve("ex2.contoso.test", metadata.document("ex2.contoso.test", [other]))
            seen = bed.run("check")
            self.assertEqual(seen.report["certificates"]["current"]["thumbprint"], CURRENT.thumbprint, seen)
            self.assertEqual(bed.presence(seen)["ex1"], "present")
            self.assertNotEqual(bed.presence(seen)["ex2"], "present")
            self.assertIn(other.thumbprint, bed.program.run("check").stdout)


if __name__ == "__main__":
    unittest.main()
