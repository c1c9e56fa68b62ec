"""The program against a real slapd: what it reads, what it refuses, what it says."""

import re
import subprocess
import unittest

import exchange
import hostile_ldap
import pki
import slapd
from directory_case import Case, check, check_hostile
from exchange import AuthServer, Organization, Server
from hostile_ldap import Hostile, replies, result
from program import Program

THUMBPRINTS = "msExchAuthCertificateThumbprint"


class Reads(Case):
    def test_servers_stand_in_the_order_of_people(self):
        numbers = (102, 12, 3, 20, 1)
        servers = [Server(f"EX{number}") for number in numbers]
        with slapd.Slapd([Organization(current=pki.auth_certificate(100), servers=servers)]) as directory:
            report = self.assert_read(check(directory))
            self.assertEqual([server["fqdn"] for server in report["servers"]],
                             [f"ex{number}.contoso.test" for number in sorted(numbers)])

    def test_the_system_log_hears_nothing_of_plug_ins(self):
        """libldap makes Cyrus' library look for its plug-ins, which are never used; what it finds amiss goes to syslog."""
        with slapd.Slapd([Organization(current=pki.auth_certificate(100))]) as directory, \
                Program({"directory": directory.directory_config()}) as program:
            trace = program.folder / "trace"
            words = ["strace", "-f", "-o", str(trace), "-e", "trace=connect,openat", *program.command("check")]
            done = subprocess.run(words, env={**program.environment(), "ASAN_OPTIONS": "detect_leaks=0"}, capture_output=True,
                                  text=True, check=False)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            calls = trace.read_text()
            self.assertIn("libsasl2", calls, "the library is there, and was seen")
            self.assertNotIn("/dev/log", calls)
            self.assertNotIn("/sasl2", calls)

    def test_a_healthy_organization(self):
        current, following = pki.auth_certificate(100), pki.auth_certificate(1800)
        organization = Organization(servers=exchange.servers(3, sites=2), current=current, next=following,
                                    date=pki.now() + pki.days(60))
        with slapd.Slapd([organization], clock=pki.now()) as directory:
            report = self.assert_read(check(directory))
            self.assertEqual(report["organization"], "Contoso")
            self.assertEqual(report["directory"]["uri"], directory.uri)
            self.assertEqual(report["directory"]["server"], "dc1.contoso.test")
            self.assertEqual(report["directory"]["dn"].lower(), organization.auth_dn.lower())
            self.assertLessEqual(abs(report["directory"]["clock_skew_seconds"]), 60)
            self.assertEqual(report["realm"], "contoso.test")
            self.assertEqual(report["service_name"], exchange.SERVICE_NAME)
            self.assertEqual(sorted(report["raw_values"]), ["0:" + current.thumbprint, "2:" + following.thumbprint])
            self.assertEqual(report["certificates"]["current"]["thumbprint"], current.thumbprint)
            self.assertEqual(report["certificates"]["current"]["source"], "attribute")
            self.assertEqual(report["certificates"]["next"]["thumbprint"], following.thumbprint)
            self.assertEqual(report["next_effective"], (pki.now() + pki.days(60)).strftime("%Y-%m-%d")
                             + report["next_effective"][10:])
            servers = sorted((s["fqdn"], s["site"], s["version"], s["counted"]) for s in report["servers"])
            self.assertEqual(servers, [("ex1.contoso.test", "Site1", "15.2.1544.25", True),
                                       ("ex2.contoso.test", "Site2", "15.2.1544.25", True),
                                       ("ex3.contoso.test", "Site1", "15.2.1544.25", True)])

    def test_over_starttls_and_the_local_socket(self):
        with slapd.Slapd() as directory:
            self.assert_read(check(directory, uri=directory.plain_uri, tls="starttls"))
            self.assert_read(check(directory, uri=directory.local_uri))

    def test_anonymously_where_that_is_allowed(self):
        with slapd.Slapd(anonymous=True) as directory:
            self.assert_read(check(directory, bind="anonymous", bind_dn=None, password_file=None))

    def test_a_password_in_clear_only_where_that_is_allowed(self):
        with slapd.Slapd(allow_plain=True) as directory:
            seen = check(directory, uri=directory.plain_uri, tls="off", allow_cleartext="yes")
            self.assert_read(seen)
            refused = check(directory, uri=directory.plain_uri, tls="off")
            self.assertEqual(refused.status, 3, refused)

    def test_which_servers_count(self):
        servers = [Server("EX1"), Server("OLD", version=exchange.EXCHANGE_2010, serial="Version 14.3 (Build 30123.4)"),
                   Server("EDGE", roles=exchange.EDGE), Server("NEW", roles=exchange.MAILBOX | exchange.PROVISIONED),
                   Server("CAS", roles=exchange.CAFE), Server("NOADDR", address=None), Server("NOROLE", roles=None),
                   Server("EVIL", address="ncacn_ip_tcp:$(reboot);\x1b[31m"), Server("GONE"), Server("NOSITE", site=None),
                   Server("COMMA", site="Paris, rue \"A\" <1>")]
        with slapd.Slapd([Organization(servers=servers)]) as directory:
            with Program({"directory": directory.directory_config(),
                          "servers": {"ignore": "gone.CONTOSO.test"}}) as program:
                seen = program.run("check", json=True)
                report = self.assert_read(seen)
                text = program.run("check").stdout
        counted = {server["fqdn"] for server in report["servers"] if server["counted"]}
        self.assertEqual(counted, {"ex1.contoso.test", "cas.contoso.test", "nosite.contoso.test", "comma.contoso.test"})
        self.assertEqual(len(report["servers"]), len(servers))
        sites = {server["fqdn"]: server["site"] for server in report["servers"]}
        self.assertEqual(sites["comma.contoso.test"], "Paris, rue \"A\" <1>")
        self.assertIsNone(sites["nosite.contoso.test"])
        self.assertNotIn("\x1b", seen.stdout + text)
        for name in ("NOADDR", "NOROLE", "EVIL"):
            self.assertIn(name, text)

    def test_a_host_name_that_stands_there_twice(self):
        """It is one server; and the metrics may not name the same thing twice, or a collector takes none of them."""
        servers = exchange.servers(2) + [Server("STALE", "Site9", address=["ncacn_ip_tcp:EX1.contoso.test"])]
        with slapd.Slapd([Organization(servers=servers)]) as directory:
            with Program({"directory": directory.directory_config(),
                          "servers": {"probe": "metadata", "url": "https://{fqdn}:1/"}}) as program:
                report = self.assert_read(program.run("check", json=True))
                metrics = program.run("--format", "prometheus", "check").stdout.lower().splitlines()
                text = " ".join(program.run("check").stdout.split())
        self.assertEqual([(server["fqdn"].lower(), server["counted"]) for server in report["servers"]],
                         [("ex1.contoso.test", True), ("ex1.contoso.test", False), ("ex2.contoso.test", True)])
        names = [line.rsplit(" ", 1)[0] for line in metrics if not line.startswith("#")]
        self.assertEqual(len(names), len(set(names)), metrics)
        self.assertIn("1 Exchange server has the host name of another one, such as EX1.contoso.test", text)

    def test_hybrid_yes_no_and_unknown(self):
        azure = AuthServer()
        cases = [(Organization(), "no"), (Organization(hybrid=True), "yes"),
                 (Organization(auth_servers=[azure]), "yes"),
                 (Organization(auth_servers=[AuthServer(enabled=False), AuthServer("ACS", type=3)]), "no"),
                 (Organization(servers=[]), "unknown"), (Organization(servers=[], hybrid=True), "yes"),
                 (Organization(servers=[Server("E", roles=exchange.EDGE)]), "unknown")]
        for organization, expected in cases:
            with self.subTest(expected=expected, organization=organization), slapd.Slapd([organization]) as directory:
                self.assertEqual(self.assert_read(check(directory))["hybrid"], expected)

    def test_servers_that_may_not_be_read_are_not_no_servers(self):
        organization = Organization(hybrid=False)
        with slapd.Slapd([organization], hidden=["CN=Administrative Groups," + organization.dn]) as directory:
            report = self.assert_read(check(directory))
            self.assertEqual(report["servers"], [])
            self.assertEqual(report["hybrid"], "unknown")

    def test_when_the_thumbprints_changed_last(self):
        current, previous = pki.auth_certificate(1000), pki.auth_certificate(500)
        long_ago, today = pki.now() - pki.days(30), pki.now()
        other = exchange.metadata("msExchAuthNextEffectiveDate", today)
        cases = [([other, exchange.metadata(THUMBPRINTS, long_ago)], today, "retire"),
                 ([other, exchange.metadata(THUMBPRINTS, today)], today, "none"),
                 ([], long_ago, "retire"), ([], today, "none"), ([b"<garbage", other], today, "none")]
        for metadata, changed, expected in cases:
            organization = Organization(current=current, previous=previous, metadata=metadata, changed=changed)
            with self.subTest(expected=expected, metadata=metadata), slapd.Slapd([organization]) as directory:
                self.assertEqual(self.assert_read(check(directory))["decision"]["id"], expected)

    def test_the_right_to_write(self):
        allowed = exchange.WRITABLE + ("cn",)
        cases = [(allowed, exchange.WRITABLE, False), (allowed, exchange.WRITABLE[:1], True), (allowed, (), True)]
        for all_of_them, effective, blocked in cases:
            organization = Organization(current=pki.auth_certificate(21), allowed=all_of_them, effective=effective)
            with self.subTest(effective=effective), slapd.Slapd([organization]) as directory:
                with Program({"directory": directory.directory_config(), "policy": {"mode": "renew"}}) as program:
                    report = self.assert_read(program.run("check", json=True))
                by = (report["decision"]["blocked"] or {}).get("by")
                self.assertEqual(by == "rights", blocked, report["decision"])

    def test_five_thousand_servers_in_pages(self):
        with slapd.Slapd([Organization(servers=exchange.servers(5000, sites=7))], size_limit="size.prtotal=unlimited "
                         "size.pr=1000 size.soft=1000 size.hard=1000") as directory:
            report = self.assert_read(check(directory))
            self.assertEqual(sum(server["counted"] for server in report["servers"]), 5000)

    def test_strange_bytes_everywhere(self):
        values = [b"0:\x1b[31m\xff<script>", b"1:\r\nBcc: evil@example.com", b"", b"\x00\x01"]
        organization = Organization(values=[value for value in values if value], data=[b"\xff" * 100],
                                    realm="\x1b]0;x\x07<b>\r\n", service_name="\u202eevil",
                                    date=b"2027\xff".decode("latin-1"))
        with slapd.Slapd([organization], any_bytes=True) as directory:
            seen = check(directory)
            report = self.assert_read(seen)
            self.assertEqual(report["decision"]["id"], "malformed", seen)
            for bad in ("\x1b", "\x07", "\u202e", "\r"):
                self.assertNotIn(bad, seen.stdout)
            for value in [report["realm"], report["service_name"]] + report["raw_values"]:
                self.assertTrue(value.isprintable(), repr(value))

    def test_thumbprints_that_may_not_be_read_are_not_absent(self):
        hide = 'access to dn.base="%s" attrs=%s by * none' % (Organization().auth_dn, THUMBPRINTS)
        with slapd.Slapd(access=[hide]) as directory:
            seen = check(directory)
            self.assertEqual(seen.status, 3, seen)
            self.assertEqual(seen.report["decision"]["id"], "unreadable", seen)
            self.assertIn(THUMBPRINTS, seen.report["briefing"]["wrong"])


class Organizations(Case):
    NAMES = ("Contoso", 'Fabrikam, Inc. "ß" Müller')

    def test_several_and_none_chosen(self):
        with slapd.Slapd([Organization(name) for name in self.NAMES]) as directory:
            self.assert_unreadable(check(directory), "several", "organization = ", *self.NAMES)

    def test_several_and_one_chosen_as_active_directory_compares(self):
        organizations = [Organization(name, servers=exchange.servers(i + 1)) for i, name in enumerate(self.NAMES)]
        with slapd.Slapd(organizations) as directory:
            report = self.assert_read(check(directory, organization='FABRIKAM, inc. "ß" MÜLLER'))
            self.assertEqual(report["organization"], self.NAMES[1])
            self.assertEqual(len(report["servers"]), 2)
            self.assertEqual(report["raw_values"], ["0:" + organizations[1].current.thumbprint])
            report = self.assert_read(check(directory, organization="contoso"))
            self.assertEqual(len(report["servers"]), 1)

    def test_a_name_that_the_file_s_reader_would_change(self):
        """The answer to a wrong name says how each is written; written so, it is chosen."""
        names = ("Nord", "Nord #1", "Nord ;2", "#3", '"4" #', "Nord\u00a05", "a\\xc2 #6", '"7"')
        organizations = [Organization(name, servers=exchange.servers(i + 1)) for i, name in enumerate(names)]
        with slapd.Slapd(organizations) as directory:
            reason = self.assert_unreadable(check(directory, organization="Sued"), "Sued", 'organization = "Nord #1"')
            lines = re.findall(r"organization = (.*?)(?=, or organization = |$)", reason)
            self.assertEqual(len(lines), len(names), reason)
            seen = [self.assert_read(check(directory, organization=line + "  # ours")) for line in lines]
            self.assertEqual(sorted(len(report["servers"]) for report in seen), list(range(1, len(names) + 1)))

    def test_a_wrong_name_is_told_what_there_is(self):
        with slapd.Slapd() as directory:
            self.assert_unreadable(check(directory, organization="Fabrikam"), "Fabrikam", "Contoso")


class Absence(Case):
    def test_no_exchange_at_all(self):
        with slapd.Slapd(exchange_container=False) as directory:
            self.assert_unreadable(check(directory), "CN=Microsoft Exchange", "may not see it")

    def test_no_organization(self):
        with slapd.Slapd([]) as directory:
            self.assert_unreadable(check(directory), "no Exchange organization can be seen", "Read")

    def test_no_auth_configuration_beside_servers(self):
        with slapd.Slapd([Organization(auth_config=False)]) as directory:
            self.assert_unreadable(check(directory), "Contoso", "2 servers", "no auth configuration", "may not read")

    def test_nothing_in_the_organization(self):
        organization = Organization(auth_config=False, servers=[])
        with slapd.Slapd([organization]) as directory:
            self.assert_unreadable(check(directory), "nothing in it", "Grant it Read")

    def test_no_right_to_read(self):
        for hidden in (exchange.EXCHANGE, Organization().dn):
            with self.subTest(hidden=hidden), slapd.Slapd(hidden=[hidden]) as directory:
                self.assert_unreadable(check(directory), "may not", "Read")

    def test_anonymous_where_it_may_not_read(self):
        with slapd.Slapd() as directory:
            self.assert_unreadable(check(directory, bind="anonymous", bind_dn=None, password_file=None),
                                   "without logging in")

    def test_no_active_directory(self):
        with slapd.Slapd(root=[("configurationNamingContext", None)]) as directory:
            self.assert_unreadable(check(directory), "configurationNamingContext")

    def test_an_answer_cut_by_a_size_limit_is_no_answer(self):
        with slapd.Slapd([Organization(servers=exchange.servers(50))], size_limit="10") as directory:
            self.assert_unreadable(check(directory), "size limit")


class Connecting(Case):
    def test_a_wrong_password(self):
        with slapd.Slapd() as directory:
            self.assert_unreadable(check(directory, password_file=directory.wrong_password_file), "password is wrong",
                                   "(49)", directory.bind_dn)

    def test_a_wrong_password_is_tried_once(self):
        refuse = replies(result(hostile_ldap.BIND_RESPONSE, 49, "80090308: data 52e, v4563"))
        with Hostile(bind=refuse) as first, Hostile(bind=refuse) as second:
            check_hostile(first, uri="%s, %s" % (first.uri, second.uri))
            self.assertEqual((first.binds, second.binds), (1, 0))

    def test_a_wrong_ca(self):
        with slapd.Slapd() as directory:
            other = directory.write("other.pem", pki.Authority("another CA").pem)
            self.assert_unreadable(check(directory, ca_file=other), "issued by", "authcert test CA", other)

    def test_the_forms_of_a_ca_file(self):
        """Whatever an admin exports is read; what cannot be is told as such, and not as a CA that does not vouch."""
        other = pki.Authority("another CA")
        with slapd.Slapd() as directory:
            ca = directory.ca
            good = {"der": ca.der, "two.der": other.der + ca.der, "p7b": other.p7b(ca), "pem.p7b": ca.p7b(pem=True),
                    "crlf.pem": b"Subject: x\r\n" + ca.pem.replace(b"\n", b"\r\n"),
                    "utf16.pem": ca.pem.decode().encode("utf-16")}
            for name, data in good.items():
                with self.subTest(name):
                    file = directory.write(name, data)
                    self.assert_read(check(directory, ca_file=file))
                    self.assert_read(check(directory, uri=directory.plain_uri, tls="starttls", ca_file=file))
            self.assert_unreadable(check(directory, ca_file=directory.write("other.der", other.der)), "issued by",
                                   "authcert test CA", "no CA in")
            bad = {"empty": b"", "cut.der": ca.der[:-9], "text": b"no certificate\n", "more.der": ca.der + b"x",
                   "utf16": "no certificate\n".encode("utf-16"), "cut.pem": ca.pem[:-40], "key.pem": other.key_pem}
            for name, data in bad.items():
                with self.subTest(name):
                    seen = check(directory, ca_file=directory.write(name, data))
                    self.assert_unreadable(seen, "could not be read as certificates", name)
                    self.assertNotIn("vouches", seen.stdout + seen.stderr)
            seen = check(directory, ca_file="/nonexistent/ca.pem")
            self.assert_unreadable(seen, "could not be read as certificates", "no such file")

    def test_the_ca_of_this_machine_is_not_enough(self):
        with slapd.Slapd() as directory:
            self.assert_unreadable(check(directory, ca_file=None), "issued by")

    def test_a_server_that_speaks_only_old_tls(self):
        with slapd.Slapd(old_tls=True) as directory:
            self.assert_unreadable(check(directory), "TLS")
            self.assert_unreadable(check(directory, uri=directory.plain_uri, tls="starttls"), "TLS")

    def test_a_wrong_host_name(self):
        with slapd.Slapd(names=("dc9.contoso.test",)) as directory:
            self.assert_unreadable(check(directory), "not for the host name 127.0.0.1", "dc9.contoso.test")

    def test_a_certificate_that_the_tls_library_takes_and_we_do_not(self):
        server = pki.authority().server
        for words, tls in (
                (("not for the host name 127.0.0.1", "other.test"), server("other.test", subject="127.0.0.1")),
                (("not for the host name 127.0.0.1", "no subject alternative name"), server(subject="127.0.0.1")),
                (("not meant for TLS servers",), server("127.0.0.1", uses="client")),
                (("RSA", "1024 bits"), server("127.0.0.1", key="rsa1024")),
                (("signed with", "SHA1"), server("127.0.0.1", digest=pki.hashes.SHA1()))):
            with self.subTest(words=words), slapd.Slapd(tls=tls, listens=True) as directory:
                for port, way in ((directory.tls_port, "ldaps"), (directory.port, "starttls")):
                    uri = f"{'ldaps' if way == 'ldaps' else 'ldap'}://127.0.0.1:{port}"
                    self.assert_unreadable(check(directory, uri=uri, tls=way), *words)
                self.assertIn("ACCEPT", directory.heard())
                self.assertNotIn(" BIND", directory.heard())

    def test_a_certificate_for_any_use_or_none_named_is_good(self):
        for more in ({"uses": "any"}, {"uses": None}, {"key": "rsa2048"}):
            with self.subTest(**more), slapd.Slapd(tls=pki.authority().server("127.0.0.1", **more)) as directory:
                self.assert_read(check(directory))

    def test_an_expired_tls_certificate(self):
        tls = pki.authority().server("127.0.0.1", not_before=pki.now() - pki.days(9), not_after=pki.now() - pki.days(2))
        with slapd.Slapd(tls=tls) as directory:
            self.assert_unreadable(check(directory), "expired on " + tls.not_after.strftime("%Y-%m-%d"))
            self.assert_unreadable(check(directory, uri=directory.plain_uri, tls="starttls"), "expired on ")

    def test_nothing_of_ldap_conf_or_the_environment_counts(self):
        with slapd.Slapd() as directory, Program({"directory": directory.directory_config(ca_file=None)}) as program:
            lax = {"LDAPTLS_REQCERT": "never", "LDAPTLS_CACERT": directory.ca_file}
            self.assert_unreadable(program.run("check", json=True, env=lax), "issued by")
            program.change("directory", ca_file=directory.ca_file)
            broken = {"LDAPTLS_CIPHER_SUITE": "NORMAL:-VERS-ALL", "LDAPCONF": program.file("ldap.conf", "SASL_MECH x\n")}
            self.assert_read(program.run("check", json=True, env=broken))

    def test_a_ca_file_that_is_not_there(self):
        with slapd.Slapd() as directory:
            seen = check(directory, ca_file="/nonexistent/ca.pem")
            self.assertEqual(seen.status, 3, seen)
            self.assertIn("/nonexistent/ca.pem", seen.stdout + seen.stderr)

    def test_without_tls_no_ca_file_is_needed(self):
        with slapd.Slapd(allow_plain=True) as directory:
            self.assert_read(check(directory, uri=directory.plain_uri, tls="off", allow_cleartext="yes",
                                   ca_file="/nonexistent/ca.pem"))

    def test_a_dead_first_uri(self):
        dead = "ldaps://127.0.0.1:%d" % slapd.free_port()
        with slapd.Slapd() as directory:
            report = self.assert_read(check(directory, uri="%s, %s" % (dead, directory.uri)))
            self.assertEqual(report["directory"]["uri"], directory.uri)

    def test_all_dead(self):
        dead = ["ldaps://127.0.0.1:%d" % slapd.free_port() for _ in range(3)]
        with slapd.Slapd() as directory:
            self.assert_unreadable(check(directory, uri=", ".join(dead)), *dead)

    def test_a_name_that_nobody_knows(self):
        with slapd.Slapd() as directory:
            self.assert_unreadable(check(directory, uri="ldaps://no-such-host.invalid"), "cannot be resolved")

    def test_gssapi_without_a_key_table(self):
        with slapd.Slapd() as directory:
            seen = check(directory, bind="gssapi", bind_dn=None, password_file=None)
            self.assertEqual(seen.status, 3, seen)
            self.assertIn("keytab: missing", seen.stdout + seen.stderr)

    def test_whom_the_directory_alone_names_gets_no_password(self):
        settings = "CN=NTDS Settings,CN=DC%d,CN=Servers,CN=Site1,CN=Sites," + hostile_ldap.CONFIGURATION
        named = {"host": ""}

        def thing(connection, message_id):
            if connection.base.startswith("CN=Partitions"):
                connection.answer(message_id, hostile_ldap.entry(connection.base, fSMORoleOwner=settings % 2),
                                  result(hostile_ldap.SEARCH_DONE))
            elif connection.base.startswith("CN=DC2"):
                connection.answer(message_id, hostile_ldap.entry(connection.base, dNSHostName=named["host"]),
                                  result(hostile_ldap.SEARCH_DONE))
            else:
                hostile_ldap.good_thing(connection, message_id)
        root = replies(hostile_ldap.root_entry(dsServiceName=settings % 1), result(hostile_ldap.SEARCH_DONE))
        with slapd.Slapd() as directory, Hostile(root=root, thing=thing) as server:
            plain = {"uri": server.uri, "tls": "off", "allow_cleartext": "yes"}
            for host, changes, word in (("dc2.contoso.test", {"ca_file": None}, "password was not sent there: set ca_file"),
                                        ("dc2.other.test", {}, "no domain of the forest (contoso.test)"),
                                        ("dc2.contoso.test", {}, "cannot be resolved")):
                named["host"] = host
                with Program({"directory": directory.directory_config(**plain, **changes)}) as program:
                    for command in ("check", "doctor"):
                        seen = " ".join(program.run(command).stdout.split())
                        self.assertIn(host, seen)
                        self.assertIn(word, seen)

    def test_a_password_never_leaves_in_clear(self):
        heard = []

        def listen(connection, _):
            heard.append(connection.peer.recv(4096))
        with Hostile(connect=listen) as server, slapd.Slapd() as directory:
            seen = check(directory, uri=server.uri, tls="off")
            self.assertEqual(seen.status, 3, seen)
            self.assertEqual((server.connections, heard), (0, []))

    def test_no_password_after_a_refused_starttls(self):
        with Hostile() as server, slapd.Slapd() as directory:
            self.assert_unreadable(check(directory, uri=server.uri, tls="starttls"), "start TLS")
            self.assertEqual(server.binds, 0)

if __name__ == "__main__":
    unittest.main()
