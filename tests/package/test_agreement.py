"""What the package says of the program is what its source says: the libraries that it loads while it runs, and the kinds of
events in the journal."""

import re
import subprocess
import unittest

import package

ROOMS = ("base", "core", "kerberos", "web", "ldap", "renew", "notify", "probe", "monitor")
OPTIONAL = {"libsystemd0"}  # without it there are no fields in the journal and no STATUS=


def sources():
    for room in ROOMS:
        for path in sorted((package.ROOT / room).rglob("*.c")):
            yield path.read_text()


def relations(field):
    """Names in a field of the binary package."""
    control = (package.ROOT / "debian/control").read_text().split("\nPackage: ", 1)[1]
    found = re.search(rf"^{field}:((?:.*\n(?= ))*.*)$", control, re.MULTILINE)
    return set(re.findall(r"[a-z0-9][a-z0-9.+-]+(?=\s*(?:\(|,|\||$))", found[1], re.MULTILINE)) if found else set()


def package_of(library):
    said = subprocess.run(["dpkg-query", "--search", "*/" + library], capture_output=True, text=True, check=True).stdout
    return said.split(":", 1)[0]


class Libraries(unittest.TestCase):
    def test_what_is_loaded_while_it_runs_is_depended_on(self):
        text = "\n".join(sources())
        self.assertEqual(text.count("dlopen("), len(re.findall(r"dlopen\((?:\"lib|library, )", text)), "a name we miss")
        loaded = {package_of(name) for name in re.findall(r"\"(lib[\w-]+\.so\.\d+)\"", text)}
        self.assertLessEqual({"libsystemd0"}, {re.sub("t64$", "", name) for name in loaded})
        self.assertLessEqual(loaded - OPTIONAL, relations("Depends"))
        self.assertLessEqual(loaded & OPTIONAL, relations("Recommends"))


class Programs(unittest.TestCase):
    def test_what_the_way_by_ssh_runs_is_suggested(self):
        text = (package.ROOT / "windows/deliver-ssh").read_text()
        run = {name for name in ("ssh", "openssl") if re.search(rf"(?m)(^|\| |\$\(| ){name} ", text)}
        self.assertEqual({package_of(f"bin/{name}") for name in run}, {"openssh-client", "openssl"})
        self.assertLessEqual({package_of(f"bin/{name}") for name in run}, relations("Suggests"))


class Journal(unittest.TestCase):
    def test_every_kind_of_event_is_explained_and_nothing_else_is(self):
        given = re.findall(r"^#define EVENT_(\w+) \"([0-9a-f]{32})\"$", (package.ROOT / "monitor/show/systemd/journal.c").read_text(),
                           re.MULTILINE)
        catalog = (package.ROOT / "systemd/authcert.catalog").read_text()
        explained = re.findall(r"^-- ([0-9a-f]{32})$", catalog, re.MULTILINE)
        self.assertGreater(len(given), 5)
        self.assertEqual(sorted(number for _, number in given), sorted(explained))
        self.assertEqual(len(set(explained)), len(explained))

    def test_an_explanation_uses_fields_that_are_sent(self):
        sent = set(re.findall(r"add\(entry, \"(\w+)\"", (package.ROOT / "monitor/show/systemd/journal.c").read_text()))
        catalog = (package.ROOT / "systemd/authcert.catalog").read_text()
        for part in catalog.split("\n-- ")[1:]:
            with self.subTest(part.splitlines()[1]):
                self.assertLessEqual(set(re.findall(r"@(\w+)@", part)), sent)
                self.assertRegex(part, r"(?m)^Subject: \S")


if __name__ == "__main__":
    unittest.main()
