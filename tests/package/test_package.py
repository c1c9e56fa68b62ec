"""The package: clean for lintian, the same bytes twice, and installed, upgraded, removed and purged without a trace."""

import re
import subprocess
import tempfile
import unittest
from pathlib import Path

import hardened
import machine
import package

UNITS = package.ROOT / "systemd"
EXPOSURE_MOST = 1.5
CONFIGURATION = "/etc/authcert/authcert.conf"
SECOND = """[directory]
uri = ldaps://127.0.0.1:1
bind = gssapi
keytab = /etc/authcert/keytab
[state]
directory = /var/lib/authcert/second
key_password_credential = key-password
"""


def newer(folder):
    """The next version of the package, whose configuration has changed as well. What is in it is not built again."""
    tree, deb = Path(folder, "tree"), Path(folder, "authcert_next.deb")
    subprocess.run(["dpkg-deb", "--raw-extract", str(package.build()), str(tree)], check=True)
    control, example = tree / "DEBIAN/control", tree / CONFIGURATION.lstrip("/")
    control.write_text(control.read_text().replace(f"Version: {package.version()}\n", f"Version: {package.version()}+next\n"))
    example.write_text(example.read_text() + "# One more line.\n")
    subprocess.run(["dpkg-deb", "--build", str(tree), str(deb)], check=True, stdout=subprocess.DEVNULL)
    return deb


class Built(unittest.TestCase):
    def folder(self):
        folder = tempfile.TemporaryDirectory(prefix="authcert-package-")
        self.addCleanup(folder.cleanup)
        return folder.name

    def test_lintian_has_nothing_to_say(self):
        changes = next(package.build().parent.glob("*.changes"))
        done = subprocess.run(["lintian", "--allow-root", "--tag-display-limit=0", str(changes)], capture_output=True,
                              text=True, check=False)
        self.assertEqual((done.returncode, done.stdout), (0, ""), done.stderr)

    def test_two_builds_are_the_same_bytes(self):
        one, other = package.build(), package.build(self.folder())
        self.assertEqual(one.read_bytes(), other.read_bytes())


class Manual(unittest.TestCase):
    def test_mandoc_has_nothing_to_say(self):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(["/usr/bin/python3", str(package.ROOT / "man/pages"), str(package.ROOT / "docs"), "2026-11-22",
                            folder], check=True)
            pages = sorted(Path(folder).iterdir())
            self.assertEqual([page.name for page in pages], ["authcert-recovery.7", "authcert.1", "authcert.conf.5"])
            for page in pages:
                said = subprocess.run(["mandoc", "-Tlint", str(page)], capture_output=True, text=True, check=False).stdout
                # Our own pages are not in the manual of the machine that tests.
                rest = [line for line in said.splitlines() if "referenced manual not found: Xr authcert" not in line]
                self.assertEqual(rest, [], page.name)


class Units(unittest.TestCase):
    def services(self):
        services = sorted(UNITS.glob("authcert*.service"))
        self.assertGreaterEqual(len(services), 4)
        return services

    def test_the_sandbox_is_tight(self):
        for service in self.services():
            name = service.name.replace("@.", "@contoso.")
            with self.subTest(name), tempfile.TemporaryDirectory() as folder:
                copy = Path(folder, name)
                copy.write_text(service.read_text())
                said = subprocess.run(["systemd-analyze", "security", "--offline=yes", str(copy)], capture_output=True,
                                      text=True, check=False).stdout
                level = re.search(r"Overall exposure level for \S+: ([\d.]+)", said)
                self.assertLessEqual(float(level[1]), EXPOSURE_MOST)

    def test_the_night_and_the_doctor_have_the_same_sandbox(self):
        def sandbox(name):
            return (UNITS / name).read_text().partition("# The sandbox")[2]

        for name in ("authcert@.service", "authcert-doctor.service", "authcert-doctor@.service"):
            self.assertEqual(sandbox(name), sandbox("authcert.service"), name)

    def test_the_doctor_of_an_instance_works_as_its_night_does(self):
        def lines(name):
            return [line for line in (UNITS / name).read_text().splitlines() if not line.startswith(("#", "Description=", "OnFailure="))]

        night, doctor = lines("authcert@.service"), lines("authcert-doctor@.service")
        self.assertEqual([line.replace("conf doctor --try-delivery", "conf run") for line in doctor], night)


class Shout(unittest.TestCase):
    """Who is woken: everybody who is logged in, but not by one night without a directory."""

    def shout(self, nights, status):
        with tempfile.TemporaryDirectory(prefix="authcert-shout-") as folder:
            folder = Path(folder)
            for name, text in (("systemd-cat", f'echo "$@" >{folder}/said; cat >>{folder}/said'),
                               ("journalctl", f'echo "$@" >{folder}/asked; yes entry | head -n {nights}')):
                (folder / name).write_text(f"#!/bin/sh\n{text}\n")
                (folder / name).chmod(0o755)
            environment = {"PATH": f"{folder}:{package.PATH}"} | ({"MONITOR_EXIT_STATUS": status} if status else {})
            subprocess.run(["/bin/sh", str(package.ROOT / "systemd/shout"), "authcert.service"], env=environment, check=True)
            asked = (folder / "asked").read_text() if (folder / "asked").exists() else ""
            return (folder / "said").read_text(), asked

    def test_how_loud(self):
        for nights, status, priority in ((1, "3", "err"), (0, "3", "err"), (2, "3", "emerg"), (5, "3", "emerg"),
                                         (0, "1", "emerg"), (0, "2", "emerg"), (0, "", "emerg")):
            said, asked = self.shout(nights, status)
            self.assertEqual(said.splitlines()[0], f"-t authcert -p {priority}", (nights, status))
            self.assertIn("authcert.service failed: ", said)
        unreadable = re.search(r'EVENT_UNREADABLE "(\w+)"', (package.ROOT / "monitor/show/systemd/journal.c").read_text())[1]
        said, asked = self.shout(1, "3")
        self.assertIn(f"_SYSTEMD_UNIT=authcert.service MESSAGE_ID={unreadable}", asked)


class Installed(unittest.TestCase):
    def setUp(self):
        self.host = machine.Machine().__enter__()
        self.addCleanup(self.host.__exit__)
        self.before = self.files()

    def files(self):
        """What is in the root, but for logs, caches, and what an account leaves when it goes (it stays, as Debian's do)."""
        left_out = ("/var/log/", "/var/cache/", "/var/lib/dpkg/", "/tmp/", "/etc/passwd", "/etc/shadow", "/etc/group",
                    "/etc/gshadow", "/etc/.pwd.lock", "/dev/", "/proc/", "/var/lib/systemd", "/run/", "/etc/credstore",
                    "/etc/subuid", "/etc/subgid")
        found = {"/" + str(path.relative_to(self.host.root)) for path in self.host.root.rglob("*")}
        return {path for path in found if not path.startswith(left_out)}

    def test_install_upgrade_remove_purge(self):
        said = self.host.install(package.build())
        with self.subTest("it says what comes next"):
            for words in (CONFIGURATION, "/etc/credstore/directory-password", "authcert doctor",
                          "systemctl enable --now authcert.timer"):
                self.assertIn(words, said)
        with self.subTest("it runs, its units are good, its account and folders are there"):
            self.assertIn(package.version(), self.host.shell("authcert --version"))
            self.host.shell("systemd-analyze verify --man=no /usr/lib/systemd/system/authcert*.service "
                            "/usr/lib/systemd/system/authcert*.timer")
            for folder, owner in (("/var/lib/authcert", "root 755"), ("/var/lib/authcert/default", "authcert 755"),
                                  ("/etc/authcert/secrets", "root 755")):
                self.assertEqual(self.host.shell(f"stat -c '%U %a' {folder}").strip(), owner)
            self.assertEqual(hardened.lacks(self.host.path("/usr/bin/authcert"), fortified=True), [])
            self.assertEqual(self.host.shell("stat -c '%U %a' /etc/credstore").strip(), "root 700")
            self.assertFalse(self.host.path("/etc/systemd/system/timers.target.wants/authcert.timer").exists())
            for path, mode in (("/usr/share/authcert/import.ps1", "root 644"), ("/usr/lib/authcert/deliver-ssh", "root 755")):
                self.assertEqual(self.host.shell(f"stat -c '%U %a' {path}").strip(), mode)
                self.assertEqual(self.host.path(path).read_bytes(), (package.ROOT / "windows" / Path(path).name).read_bytes())

        with self.subTest("an upgrade keeps the configuration and the state"):
            with open(self.host.path(CONFIGURATION), "a") as file:
                file.write("# Ours.\n")
            edited = self.host.path(CONFIGURATION).read_text()
            self.host.write("/var/lib/authcert/default/keys/kept.key", "a key", 0o600)
            # As it was before the account lost the folder of the state folders, and instances shared credentials.
            self.host.shell("chown authcert:authcert /var/lib/authcert")
            self.host.shell("install -d -o authcert /var/lib/authcert/second")
            self.host.write("/etc/authcert/second.conf", SECOND)
            self.host.write("/etc/credstore/key-password", "correct horse battery staple\n", 0o600)
            self.host.write("/etc/authcert/keytab", "a key table", 0o600)
            said = self.host.shell("authcert -c /etc/authcert/second.conf doctor", status=None)
            self.assertIn("who can put another state folder there; type: chown root: /var/lib/authcert\n", said)
            self.assertIn("key_password_credential = key-password is another organization's as well; name it "
                          "second-key-password", said)
            self.assertIn("keytab = /etc/authcert/keytab can be read by the units of this host's other organizations; move "
                          "it into /etc/authcert/secrets/second", said)
            self.host.write("/etc/authcert/third.conf", "[state]\nkey_password_credential = third-key-password\n")
            with tempfile.TemporaryDirectory() as folder:
                said = self.host.install(newer(folder))
            self.assertIn("+next", said)
            self.assertNotIn("watches nothing yet", said)
            self.assertEqual(self.host.path(CONFIGURATION).read_text(), edited)
            self.assertTrue(self.host.path("/var/lib/authcert/default/keys/kept.key").exists())

        with self.subTest("an upgrade gives root what is root's, and lets an instance go on with what it shares"):
            self.assertEqual(self.host.shell("stat -c %U /var/lib/authcert").strip(), "root")
            said = self.host.shell("authcert -c /etc/authcert/second.conf doctor", status=None)
            self.assertNotIn("chown", said)
            self.assertIn("name it second-key-password", said)
            said = self.host.shell("setpriv --reuid authcert --clear-groups mv /var/lib/authcert/default "
                                   "/var/lib/authcert/away", status=1)
            self.assertIn("Permission denied", said)
            units = self.host.path("/etc/systemd/system")
            self.assertIn("LoadCredential=key-password\n",
                          (units / "authcert@second.service.d/shared-credentials.conf").read_text())
            self.assertFalse((units / "authcert@third.service.d").exists())
            self.host.shell("rm /etc/authcert/second.conf /etc/authcert/third.conf /etc/authcert/keytab; "
                            "rmdir /var/lib/authcert/second")

        with self.subTest("a removal stops the timers, leaves no link that leads nowhere, and says which secrets stay"):
            self.host.write("/var/lib/authcert/default/history.json", "{}")
            self.host.write("/etc/authcert/second.conf", SECOND)
            self.host.write("/etc/credstore/second-directory-password", "secret", 0o600)
            self.host.write("/etc/credstore/another-program", "secret", 0o600)
            self.host.shell("systemctl enable authcert.timer authcert@second.timer")
            wants = self.host.path("/etc/systemd/system/timers.target.wants")
            self.assertEqual(sorted(path.name for path in wants.glob("authcert*")), ["authcert.timer", "authcert@second.timer"])
            # As on a machine that runs: the stand-in notes what is stopped.
            self.host.write("/usr/local/sbin/deb-systemd-invoke", "#!/bin/sh\necho \"$@\" >>/var/tmp/stopped\n", 0o755)
            said = self.host.shell("mkdir -p /run/systemd/system; dpkg --remove authcert")
            self.assertIn("stop authcert.timer authcert@second.timer\n", self.host.path("/var/tmp/stopped").read_text())
            self.assertEqual(list(wants.glob("authcert*")), [])
            self.assertTrue(self.host.path(CONFIGURATION).exists())
            for secret in ("/var/lib/authcert/default/keys/kept.key", "/etc/credstore/key-password",
                           "/etc/credstore/second-directory-password"):
                self.assertIn(f"  {secret}\n", said)
            self.assertNotIn("another-program", said)
            self.host.shell("rm /etc/authcert/second.conf /var/tmp/stopped /usr/local/sbin/deb-systemd-invoke")

        with self.subTest("a purge leaves the private keys and says so"):
            said = self.host.shell("dpkg --purge authcert")
            self.assertIn("private keys are left in /var/lib/authcert", said)
            self.assertEqual(self.files() - self.before, {"/var/lib/authcert", "/var/lib/authcert/default",
                                                          "/var/lib/authcert/default/keys",
                                                          "/var/lib/authcert/default/keys/kept.key"})

    def test_a_purge_without_keys_leaves_nothing(self):
        self.host.install(package.build())
        self.host.write("/var/lib/authcert/default/history.json", "{}")
        self.host.shell("dpkg --purge authcert")
        self.assertEqual(self.files() - self.before, set())


if __name__ == "__main__":
    unittest.main()
