"""Attributes with so many values that Active Directory gives them in parts."""

import hostile_ldap
from directory_case import Case, check_hostile
from hostile_ldap import SEARCH_DONE, entry, result

EX1 = "CN=EX1," + hostile_ldap.SERVERS
NAME = "ncacn_ip_tcp:EX1.contoso.test"


def addresses(first, count):
    """So many values of networkAddress, of which only the very last one is the host name."""
    return [f"ncacn_spx:{number}" for number in range(first, first + count)]


class Parts(Case):
    """`later`: [(option, values), ...], one for each request after the first."""

    def check(self, *later, first="0-1499", count=1500):
        asked = []

        def tree(connection, message_id):
            entries = hostile_ldap.tree_entries()[:2]
            # As it is: named once without values, and once with a part of them.
            server = hostile_ldap.server_entry(networkAddress=[], **{"networkAddress;range=" + first: addresses(0, count)})
            connection.answer(message_id, *entries, server, result(SEARCH_DONE))

        def thing(connection, message_id):
            if connection.base == EX1:
                option, values = later[min(len(asked), len(later) - 1)]
                asked.append(option)
                found = entry(EX1, **({"networkAddress;range=" + option: values} if option else {}))
                return connection.answer(message_id, found, result(SEARCH_DONE))
            return hostile_ldap.good_thing(connection, message_id)
        with hostile_ldap.Hostile(tree=tree, thing=thing) as server:
            return check_hostile(server)

    def assert_server(self, seen):
        self.assertEqual([(one["fqdn"].lower(), one["counted"]) for one in self.assert_read(seen)["servers"]],
                         [("ex1.contoso.test", True)], seen)

    def test_the_parts_are_put_together(self):
        self.assert_server(self.check(("1500-*", [NAME])))
        self.assert_server(self.check(("1500-2999", addresses(1500, 1500)), ("3000-*", addresses(3000, 10) + [NAME])))

    def test_a_range_that_is_the_whole(self):
        def tree(connection, message_id):
            server = hostile_ldap.server_entry(networkAddress=[], **{"networkAddress;range=0-*": [NAME]})
            connection.answer(message_id, *hostile_ldap.tree_entries()[:2], server, result(SEARCH_DONE))
        with hostile_ldap.Hostile(tree=tree) as server:
            self.assert_server(check_hostile(server))

    def test_parts_that_do_not_fit_are_no_answer(self):
        words = ("networkAddress", "do not fit together")
        self.assert_unreadable(self.check(("1400-*", [NAME])), *words)
        self.assert_unreadable(self.check(("1500-1600", [NAME])), *words)
        self.assert_unreadable(self.check(("1500-*", [])), *words)
        self.assert_unreadable(self.check(("", [])), *words)
        self.assert_unreadable(self.check(first="0-1400"), *words)
        self.assert_unreadable(self.check(first="1-1500"), *words)

    def test_a_server_that_never_ends(self):
        later = [(f"{number}-{number}", [f"ncacn_spx:{number}"]) for number in range(1500, 1700)]
        self.assert_unreadable(self.check(*later), "do not fit together")

    def test_values_without_end(self):
        later = [(f"{number}-{number}", ["x" * 1000000]) for number in range(1500, 1530)]
        self.assert_unreadable(self.check(*later), "reading was ended there")
