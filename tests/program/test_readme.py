"""What the README tells a new user to write is what the program takes, and it builds the package from packages that it
installs. tests/package/test_readme_steps.py follows its commands in a fresh Debian."""

import re
import unittest

import readme
from program import ROOT, Program, configuration


class Readme(unittest.TestCase):
    def check(self, settings):
        text = readme.edited((ROOT / "docs" / "authcert.conf").read_text(), settings)
        with Program({}) as program:
            credentials = program.folder / "credentials"
            credentials.mkdir()
            for name in ("directory-password", "key-password"):
                (credentials / name).write_text("secret\n")
                (credentials / name).chmod(0o600)
            program.write(text)
            return program.run("config", "check", env={"CREDENTIALS_DIRECTORY": str(credentials)})

    def test_five_lines_make_the_example_a_configuration(self):
        settings = readme.settings(readme.section("Install"))
        self.assertEqual(sum(map(len, settings.values())), 5)
        seen = self.check(settings)
        self.assertEqual((seen.status, seen.stderr), (0, ""), seen)
        self.assertIn("relay", self.check({"mail": {"from": "a@contoso.test"}}).stderr, "what is missing is named")

    def test_five_lines_alone_are_a_configuration(self):
        with Program({}) as program:
            (program.folder / "directory-password").write_text("secret\n")
            (program.folder / "directory-password").chmod(0o600)
            program.write(configuration(readme.settings(readme.section("Install"))))
            seen = program.run("config", "check", env={"CREDENTIALS_DIRECTORY": str(program.folder)})
            self.assertEqual((seen.status, seen.stderr), (0, ""), seen)

    def test_what_renewal_adds_is_a_configuration(self):
        settings = readme.settings(readme.section("Install"))
        more = readme.settings(readme.section("Let it renew"))
        self.assertEqual(more["policy"], {"mode": "renew"})
        for name, values in more.items():
            settings.setdefault(name, {}).update(values)
        settings["delivery"]["command"] = "/usr/bin/true"  # it is looked at, and ours is not there
        seen = self.check(settings)
        self.assertEqual((seen.status, seen.stderr), (0, ""), seen)

    def test_what_builds_the_package_is_installed_before(self):
        control = (ROOT / "debian" / "control").read_text()
        needed = re.search(r"^Build-Depends: (.*?)^\S", control, re.MULTILINE | re.DOTALL)[1]
        needed = {re.match(r"[\w.+-]+", name.strip())[0] for name in needed.split(",") if name.strip()}
        lists = dict(re.findall(r'^(\w+)=["\']([^"\']*)["\']', (ROOT / "tools" / "install-packages").read_text(), re.MULTILINE))
        listed = set((lists["build"] + " " + lists["package"].replace("$build", "")).split())
        self.assertEqual({name.replace("debhelper-compat", "debhelper") for name in needed} - listed, set())
        self.assertIn("build-essential", listed, "dpkg-buildpackage asks for it by itself")


if __name__ == "__main__":
    unittest.main()
