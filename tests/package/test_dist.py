"""tools/package: one command builds the package for every release, with checksums. Takes minutes, so with ./test --full."""

import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

import package


def why_not():
    if os.environ.get("AUTHCERT_FULL") != "1":
        return "left out, it builds in two fresh roots: ./test --full builds the packages of every release"
    return "left out: it needs root, to make root folders of Debian" if os.geteuid() != 0 else None


class Usage(unittest.TestCase):
    def test_an_unknown_release_is_refused(self):
        done = subprocess.run([package.ROOT / "tools/package", "buster"], capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("usage: tools/package [bookworm|trixie]...", done.stderr)


@unittest.skipIf(why_not(), why_not())
class Dist(unittest.TestCase):
    def test_the_packages_of_every_release(self):
        folder = tempfile.TemporaryDirectory(prefix="authcert-dist-")
        self.addCleanup(folder.cleanup)
        tree = Path(folder.name)
        for inside, path in package.sources():
            (tree / inside).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, tree / inside)
        done = subprocess.run([tree / "tools/package"], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        for number, library in (("12", "libldap-2.5-0"), ("13", "libldap2")):
            [deb] = (tree / "dist").glob(f"authcert_{package.version()}~deb{number}*.deb")
            depends = subprocess.run(["dpkg-deb", "-f", str(deb), "Depends"], capture_output=True, text=True, check=True).stdout
            self.assertRegex(depends, rf"\b{library}\b")
        sums = subprocess.run(["sha256sum", "--check", "SHA256SUMS"], cwd=tree / "dist", capture_output=True, text=True, check=False)
        self.assertEqual((sums.returncode, sums.stdout.count(": OK")), (0, 2), sums.stdout + sums.stderr)
        self.assertEqual(list((tree / "build").iterdir()), [], "the roots are gone")


if __name__ == "__main__":
    unittest.main()
