"""The RPM spec: it is one, and its package holds what the Debian package holds. With ./test --full it is built as well."""

import os
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

import package

SPEC = package.ROOT / "rpm/authcert.spec"
# Where Debian has a way of its own.
DEBIAN_ONLY = re.compile(r"/usr/share/(doc/authcert/(copyright|changelog.*)|lintian/.*)")


def held_by_debian():
    listed = subprocess.run(["dpkg-deb", "--fsys-tarfile", str(package.build())], stdout=subprocess.PIPE, check=True).stdout
    names = subprocess.run(["tar", "-t"], input=listed, stdout=subprocess.PIPE, check=True).stdout.decode().split("\n")
    files = {"/" + name[2:].removesuffix(".gz") for name in names if name and not name.endswith("/")}
    return {name for name in files if not DEBIAN_ONLY.fullmatch(name)}


class Spec(unittest.TestCase):
    def expanded(self):
        """The spec with its macros expanded, as rpmbuild reads it."""
        done = subprocess.run(["rpmspec", "--parse", str(SPEC)], capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def test_it_names_all_that_is_installed_and_this_version(self):
        text = self.expanded()
        self.assertEqual(re.search(r"^Version: (.*)$", text, re.MULTILINE)[1], package.version())
        patterns = [line.split()[-1] for line in text.partition("%files\n")[2].splitlines() if "/" in line]
        for name in held_by_debian():
            with self.subTest(name):
                parts = [str(path) for path in (Path(name), *Path(name).parents)]
                self.assertTrue(any(Path(part).match(pattern) for part in parts for pattern in patterns))

    @unittest.skipIf(os.environ.get("AUTHCERT_FULL") != "1", "left out, it compiles all: ./test --full builds the RPM too")
    def test_it_builds_and_holds_the_same(self):
        with tempfile.TemporaryDirectory(prefix="authcert-rpm-") as folder:
            folder = Path(folder)
            name = f"authcert-{package.version()}"
            for inside, path in package.sources():
                (folder / name / inside).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(path, folder / name / inside)
            subprocess.run(["tar", "-czf", f"{name}.tar.gz", name], cwd=folder, check=True)
            done = subprocess.run(["rpmbuild", "-bb", "--nodeps", "--define", f"_topdir {folder}/top", "--define",
                                   f"_sourcedir {folder}", str(SPEC)], capture_output=True, text=True, check=False,
                                  env={"PATH": package.PATH, "HOME": str(folder), "LC_ALL": "C.UTF-8"})
            self.assertEqual(done.returncode, 0, done.stdout[-3000:] + done.stderr[-3000:])
            [made] = folder.glob("top/RPMS/*/*.rpm")
            listed = subprocess.run(["rpm", "--query", "--list", "--package", str(made)], capture_output=True, text=True,
                                    check=True).stdout.split("\n")
        held = {line.removesuffix(".gz") for line in listed if line}
        self.assertEqual(held_by_debian() - held, set())


if __name__ == "__main__":
    unittest.main()
