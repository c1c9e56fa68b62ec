"""What `authcert doctor` says of Exchange servers that give no document: what stands in the way, and what to do."""

import datetime
import unittest

import exchange
import pki
import probed

NAME = "mail.contoso.test"


class Doctor(unittest.TestCase):
    def bed(self, prepare=None, servers=3, **options):
        """`prepare` changes the peers before they start."""
        bed = probed.Bed(pki.auth_certificate(), policy={"mode": "monitor"},
                         servers=exchange.servers(servers, sites=1), **options)
        if prepare:
            for number, peer in enumerate(bed.servers.peers.values(), 1):
                prepare(number, peer)
        return self.enterContext(bed)

    def doctor(self, bed):
        """The lines about servers, without that word."""
        seen = bed.program.run("doctor")
        self.assertNotIn("AddressSanitizer", seen.stderr)
        self.seen = seen
        return [line.replace("servers: ", "", 1) for line in seen.stdout.splitlines() if line[8:].startswith("servers: ")]

    def expect(self, lines, *expected):
        self.assertEqual(len(lines), len(expected), self.seen)
        for line, parts in zip(lines, expected):
            for part in [parts] if isinstance(parts, str) else parts:
                self.assertIn(part, line, self.seen)

    def test_all_is_well(self):
        bed = self.bed()
        self.expect(self.doctor(bed), "ok      3 of 3 gave their metadata document")
        self.assertIn(f"ok      current: {bed.organization.current.thumbprint}, source metadata", self.seen.stdout)

    def test_nobody_is_asked_where_probe_is_none(self):
        bed = self.bed(section={"probe": "none"})
        self.expect(self.doctor(bed))

    def test_too_weak(self):
        """check and doctor both name cause and remedy, and neither sends its reader to the other."""
        certificates = {1: pki.authority().server("ex1.contoso.test", key="rsa1024"),
                        2: pki.authority().server("ex2.contoso.test", digest=pki.hashes.SHA1())}

        def prepare(number, peer):
            peer.tls = certificates.get(number, peer.tls)

        bed = self.bed(prepare)
        lines = self.doctor(bed)
        remedies = (("ex1", "its key is too short", "2048 bits or more"), ("ex2", "signed with SHA-1", "SHA-256"))
        for server, *words in remedies:
            [line] = [line for line in lines if f"{server}.contoso.test: " in line]
            for word in words:
                self.assertIn(word, line)
            self.assertNotIn("doctor", line)
        told = bed.program.run("check").stdout
        for _, *words in remedies:
            for word in words:
                self.assertIn(word, told)

    def test_certificates_for_the_client_facing_name(self):
        """As Exchange usually has it: alike servers share one line, and the name that would do for all is found."""
        other = pki.authority().server(NAME, "other.contoso.test")

        def prepare(number, peer):
            peer.tls = (other if number == 5 else pki.authority().server("autodiscover.contoso.test", NAME))

        bed = self.bed(prepare, servers=5)
        self.expect(self.doctor(bed), "warning 0 of 5 gave their metadata document",
                    ("ex1.contoso.test, ex2.contoso.test, ex3.contoso.test and ex4.contoso.test: its TLS certificate is "
                     f"for autodiscover.contoso.test and {NAME} (issued by CN=authcert test CA, ends ",
                     "not for its own name"),
                    ("ex5.contoso.test: ", f"{NAME} and other.contoso.test"),
                    f"tls_name = {NAME} in [servers] would do")
        bed.program.change("servers", tls_name=NAME)
        self.expect(self.doctor(bed), "ok      5 of 5")

    def test_a_wildcard_and_a_name(self):
        def prepare(number, peer):
            peer.tls = pki.authority().server("*.example.test" if number == 1 else "mail.example.test")

        bed = self.bed(prepare, servers=2)
        lines = self.doctor(bed)
        self.assertIn("ex1.contoso.test: its TLS certificate is for *.example.test", lines[1])
        self.assertIn("tls_name = mail.example.test in [servers] would do", lines[-1])

    def test_no_name_does_for_all(self):
        def prepare(number, peer):
            peer.tls = pki.authority().server(f"mail{number}.contoso.test")

        bed = self.bed(prepare, servers=2)
        self.assertIn("no tls_name would do for all", self.doctor(bed)[-1])

    def test_a_tls_name_that_is_not_needed(self):
        bed = self.bed(section={"tls_name": NAME})
        lines = self.doctor(bed)
        self.assertIn(f"not for the tls_name {NAME}", lines[1])
        self.assertIn("leave tls_name out of [servers]", lines[-1])

    def test_what_is_wrong_with_certificates(self):
        stranger = pki.Authority("Another CA")
        ended = pki.authority().server("ex2.contoso.test", not_before=pki.now() - pki.days(9),
                                       not_after=pki.now() - pki.days(1))
        alone = pki.auth_certificate(subject="ex3.contoso.test", names=["ex3.contoso.test"])

        def prepare(number, peer):
            peer.tls = [stranger.server(peer.fqdn), ended, alone][number - 1]

        bed = self.bed(prepare)
        self.expect(self.doctor(bed), "0 of 3",
                    ('ex1.contoso.test: its TLS certificate needs the CA "CN=Another CA", which is not in ',
                     "put that CA into the ca_file"),
                    'ex2.contoso.test: the certificate "CN=ex2.contoso.test" that it shows has expired: renew it',
                    "ex3.contoso.test: its TLS certificate vouches for itself")

    def test_what_answers_on_the_path(self):
        page = "<html><head><TITLE>\n Log  in\x1b[2J </title></head></html>"
        locations = ["return 302 https://login.contoso.test/;", f"default_type text/html; return 200 '{page}';",
                     f"default_type text/html; return 404 '{page}';", "return 401;", "return 503;"]

        def prepare(number, peer):
            peer.location = locations[number - 1]

        bed = self.bed(prepare, servers=5)
        self.expect(self.doctor(bed), "0 of 5",
                    ("ex1.contoso.test: ", "HTTP 302 and points to https://login.contoso.test/"),
                    ("ex2.contoso.test: ", "it is a web page", 'titled "Log in\\x1b[2J"'),
                    ("ex3.contoso.test: ", "HTTP 404", 'titled "Log in\\x1b[2J"'),
                    ("ex4.contoso.test: ", "wants a log-in"), ("ex5.contoso.test: ", "HTTP 503"))

    def test_who_is_not_there(self):
        bed = self.bed()
        bed.servers.cut_off("ex1.contoso.test")
        bed.servers.names.point("ex2.contoso.test", None)
        self.expect(self.doctor(bed), "1 of 3", "ex1.contoso.test: no connection (Connection refused)",
                    "ex2.contoso.test: its name is not known to DNS")

    def test_clocks(self):
        bed = self.bed()
        bed.servers.set_clock((pki.now() + datetime.timedelta(hours=1)).timestamp())
        lines = self.doctor(bed)
        self.assertRegex(lines[1], r"ex1.contoso.test: its clock is 3[56]\d\d seconds ahead of this host's; set right")
        self.assertEqual(len(lines), 4, self.seen)

    def test_a_ca_file_that_is_none(self):
        bed = self.bed()
        (bed.program.folder / "none.pem").write_text("no certificate\n")
        bed.program.change("servers", ca_file=bed.program.folder / "none.pem")
        lines = self.doctor(bed)
        self.assertEqual(self.seen.status, 1)
        self.expect(lines, ("FAILED  cannot use ca_file = ", "none.pem"))


if __name__ == "__main__":
    unittest.main()
