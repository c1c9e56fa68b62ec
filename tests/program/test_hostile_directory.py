"""The program against directories that misbehave: each is survived in bounded time, with a reason."""

import unittest

import hostile_ldap
from directory_case import Case, check_hostile, check_measured
from hostile_ldap import Hostile, entry, replies, result

DONE = hostile_ldap.SEARCH_DONE
THUMBPRINTS = "msExchAuthCertificateThumbprint"


class Misbehaving(Case):
    """Servers that do what servers must not do. Each case: the stages that misbehave, and words of the reason."""

    def assert_survives(self, stages, *words, within=30, **more):
        """`within` are the seconds that a server may go on for that sends a little all the time."""
        with Hostile(**stages) as server:
            seen = check_hostile(server, **more)
            self.assertLess(server.sent * hostile_ldap.PACE, within, seen)
            return self.assert_unreadable(seen, *words)

    def test_the_well_behaved_one_is_read(self):
        with Hostile() as server:
            self.assertEqual(self.assert_read(check_hostile(server))["organization"], "Contoso")

    def test_hanging_at_each_stage(self):
        for stage in ("connect", "bind", "root", "tree", "thing"):
            with self.subTest(stage=stage):
                self.assert_survives({stage: hostile_ldap.hang}, "timeout", timeout="1s")

    def test_hanging_in_the_tls_handshake(self):
        with Hostile(connect=hostile_ldap.hang) as server:
            self.assert_unreadable(check_hostile(server, uri=server.uri.replace("ldap:", "ldaps:"), tls=None,
                                                  timeout="1s"), "timeout")
            self.assert_unreadable(check_hostile(server, tls="starttls", timeout="1s"), "timeout")

    def test_closing_at_each_stage(self):
        for stage in ("connect", "bind", "root", "tree", "thing"):
            with self.subTest(stage=stage):
                self.assert_survives({stage: hostile_ldap.close}, "127.0.0.1")

    def test_stopping_in_the_middle_of_an_answer(self):
        for way in (hostile_ldap.close_in_mid_answer, hostile_ldap.hang_in_mid_answer, hostile_ldap.dribble):
            with self.subTest(way=way.__name__):
                self.assert_survives({"tree": way}, "cannot read CN=Microsoft Exchange", within=10, timeout="2s")

    def test_the_next_server_is_asked_when_one_breaks_in_the_middle(self):
        with Hostile(tree=hostile_ldap.close_in_mid_answer) as broken, Hostile() as good:
            report = self.assert_read(check_hostile(broken, uri="%s, %s" % (broken.uri, good.uri)))
            self.assertEqual(report["directory"]["uri"], good.uri)

    def test_an_answer_that_never_ends(self):
        self.assert_survives({"tree": hostile_ldap.slow_entries}, "too long", timeout="2s")

    def test_a_hundred_thousand_entries(self):
        self.assert_survives({"tree": hostile_ldap.flood(100000)}, "more than")

    def test_a_flood_during_the_log_in_takes_no_memory(self):
        for stages in ({"bind": hostile_ldap.flood_entries(32 << 20)}, {"root": hostile_ldap.flood_entries(32 << 20)},
                       {"connect": hostile_ldap.flood_entries(32 << 20)}):
            with self.subTest(stages=list(stages)), Hostile(**stages) as server:
                seen, peak = check_measured(server)
                reason = self.assert_unreadable(seen, "127.0.0.1")
                self.assertLess(peak, 100 << 20, reason)
                if "bind" in stages:
                    self.assertIn("far more than the answer can have", reason)

    def test_values_of_a_gigabyte(self):
        self.assert_survives({"tree": hostile_ldap.announce(1 << 30)}, "message of more than")
        self.assert_survives({"root": hostile_ldap.announce(0xFFFFFFF0)}, "127.0.0.1")
        self.assert_survives({"tree": hostile_ldap.announce_value(1 << 30)}, "damaged")
        self.assert_survives({"tree": hostile_ldap.big_entries(4 << 20, 40)}, "larger than")

    def test_garbage_and_wrong_numbers(self):
        for stage in ("connect", "bind", "root", "tree", "thing"):
            with self.subTest(stage=stage):
                self.assert_survives({stage: hostile_ldap.garbage}, "127.0.0.1")
        self.assert_survives({"tree": hostile_ldap.wrong_message_ids}, "timeout", timeout="1s")

    def test_a_notice_of_disconnection(self):
        # libldap itself forgets the notice's memory.
        self.assert_survives({"tree": hostile_ldap.notice_of_disconnection}, "cannot read",
                             env={"ASAN_OPTIONS": "abort_on_error=1:detect_leaks=0:verify_asan_link_order=0"})

    def test_pages_without_end(self):
        self.assert_survives({"tree": hostile_ldap.endless_pages}, "pages")
        self.assert_survives({"tree": hostile_ldap.big_cookie}, "damaged")

    def test_referrals_are_not_followed(self):
        with Hostile() as other:
            referral = replies(result(DONE, 10, "elsewhere", [other.uri]))
            self.assert_survives({"tree": referral}, "referrals are not followed")
            self.assert_survives({"bind": replies(result(hostile_ldap.BIND_RESPONSE, 10, "", [other.uri]))}, "referrals")
            reference = hostile_ldap.tlv(hostile_ldap.SEARCH_REFERENCE, hostile_ldap.octets(other.uri))
            self.assert_survives({"tree": replies(*hostile_ldap.tree_entries(), reference, result(DONE))}, "referrals")
            self.assertEqual(other.connections, 0)

    def test_an_answer_cut_in_the_middle_is_no_answer(self):
        for code, word in ((3, "time limit"), (4, "size limit"), (11, "(11)"), (1, "(1)"), (80, "(80)")):
            with self.subTest(code=code):
                self.assert_survives({"tree": replies(*hostile_ldap.tree_entries(), result(DONE, code))}, word)

    def test_what_active_directory_says_to_strangers(self):
        text = ("000004DC: LdapErr: DSID-0C090A5C, comment: In order to perform this operation a successful bind must be "
                "completed on the connection., data 0, v4563")
        self.assert_survives({"tree": replies(result(DONE, 1, text))}, "000004DC", "bind = simple")
        self.assert_survives({"tree": replies(result(DONE, 50, "no"))}, "Read")

    def test_absurd_objects(self):
        many = hostile_ldap.auth_entry(**{THUMBPRINTS: [str(i) for i in range(1000)]})
        long = hostile_ldap.auth_entry(**{THUMBPRINTS: "0:" + 5000 * "A"})
        twice = entry("CN=Auth 2," + hostile_ldap.ORGANIZATION, objectClass="msExchAuthAuthConfig")
        crowd = [entry("CN=O%d,%s" % (i, hostile_ldap.EXCHANGE), objectClass="msExchOrganizationContainer")
                 for i in range(200)]
        self.assert_survives({"thing": replies(many, result(DONE))}, "1000 values")
        self.assert_survives({"thing": replies(long, result(DONE))}, "4096 bytes")
        self.assert_survives({"thing": replies(result(DONE))}, "a moment ago")
        self.assert_survives({"thing": replies(hostile_ldap.auth_entry(), hostile_ldap.auth_entry(), result(DONE))}, "more than")
        with Hostile(tree=replies(*hostile_ldap.tree_entries(), twice, result(DONE))) as server:
            said = check_hostile(server).report["decision"]["reasons"]
            self.assertIn("CN=Auth 2", "".join(one["text"] for one in said if one["id"] == "inert-object"))
        self.assert_survives({"tree": replies(*crowd, result(DONE))}, "100 Exchange organizations")
        self.assert_survives({"root": replies(hostile_ldap.root_entry(configurationNamingContext="no DN"), result(DONE))},
                             "configurationNamingContext")

    def test_names_with_escapes_stay_printable_and_right(self):
        name = "A\x1b[31m\\, B"
        tree = replies(entry("CN=%s,%s" % (name, hostile_ldap.EXCHANGE), objectClass="msExchOrganizationContainer"),
                       entry("CN=Auth Configuration,CN=%s,%s" % (name, hostile_ldap.EXCHANGE),
                             objectClass="msExchAuthAuthConfig"), result(DONE))
        with Hostile(tree=tree) as server:
            seen = check_hostile(server)
            report = self.assert_read(seen)
            self.assertNotIn("\x1b", seen.stdout)
            self.assertEqual(report["organization"], "A\\x1b[31m, B")
            self.assertIn("CN=A\\1b[31m\\, B,", report["directory"]["dn"])


if __name__ == "__main__":
    unittest.main()
