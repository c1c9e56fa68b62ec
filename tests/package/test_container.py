"""The root file system that container/Containerfile describes, made by debootstrap, and `check` and `run` in it as the image
starts them."""

import fnmatch
import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

import exchange
import machine
import mount
import package
import pki
import program
import slapd
import smtp

FILE = package.ROOT / "container/Containerfile"
STATE = "/var/lib/authcert/default"


def instructions():
    """[(instruction, rest)] of the file."""
    lines = re.sub(r"\\\n", " ", FILE.read_text()).splitlines()
    return [tuple(line.split(" ", 1)) for line in lines if line and not line.startswith("#")]


class Image:
    """What a builder would make of the file, in a folder, and containers of it."""

    def __init__(self, folder):
        self.root = Path(folder) / "root"
        self.user, self.entry, self.arguments, self.volumes = "root", [], [], []
        follow = {"FROM": self._begin, "COPY": self._copy, "RUN": self._run, "USER": lambda rest: setattr(self, "user", rest),
                  "VOLUME": self.volumes.append, "ENTRYPOINT": lambda rest: self.entry.extend(json.loads(rest)),
                  "CMD": lambda rest: self.arguments.extend(json.loads(rest))}
        for name, rest in instructions():
            follow[name](rest)

    def _begin(self, rest):
        assert rest == "debian:bookworm-slim", rest
        subprocess.run(["cp", "-a", "--reflink=auto", str(machine.smallest()), str(self.root)], check=True)
        machine.borrow_apt(self.root)

    def _copy(self, rest):
        pattern, target = rest.split()
        made = f"dist/authcert_{package.version()}~deb12_amd64.deb"
        assert fnmatch.fnmatch(made, pattern), "it takes what tools/package makes"
        shutil.copy2(package.build(), self.root / target.lstrip("/"))

    def _run(self, rest):
        done = self._chroot("root", ["/bin/sh", "-c", rest])
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]

    def _chroot(self, user, words):
        # With /proc, as a builder and a container have it.
        return subprocess.run(["unshare", "--mount", "--pid", "--fork", "--kill-child", "--propagation", "private", "/bin/sh", "-ec",
                               'mount -t proc proc "$1/proc"; shift; exec "$@"', "sh", str(self.root),
                               "chroot", f"--userspec={user}", str(self.root), "/usr/bin/env", "-i", f"PATH={package.PATH}",
                               "HOME=/tmp", "DEBIAN_FRONTEND=noninteractive", *words], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, check=False)

    def start(self, *arguments):
        """As a container that is given these arguments, or none."""
        return self._chroot(self.user, [*self.entry, *(arguments or self.arguments)])


@unittest.skipIf(os.geteuid() != 0, "it needs root, to make a root folder of Debian")
class Container(unittest.TestCase):
    def test_check_and_run_in_it(self):
        mount.needed()
        folder = tempfile.TemporaryDirectory(prefix="authcert-container-")
        self.addCleanup(folder.cleanup)
        image = Image(folder.name)
        self.assertEqual((image.user, image.volumes), ("authcert", [STATE]))
        self.assertFalse((image.root / "usr/lib/systemd/systemd").exists(), "no init comes into an image")
        account = image.root / STATE.lstrip("/")
        owner = account.stat().st_uid
        self.assertNotEqual(owner, 0)
        self.assertIn(f"authcert:x:{owner}:", (image.root / "etc/passwd").read_text())
        current = pki.auth_certificate(days_left=21)
        with slapd.Slapd([exchange.Organization(current=current, servers=exchange.servers(2))]) as directory, \
                smtp.Relay(starttls=True) as relay:
            etc = image.root / "etc/authcert"
            for name, content, mode in (("ca.pem", Path(directory.ca_file).read_text() + Path(relay.ca_file).read_text(), 0o644),
                                        ("password", directory.password + "\n", 0o400)):
                (etc / name).write_text(content)
                (etc / name).chmod(mode)
            os.chown(etc / "password", owner, -1)
            settings = directory.directory_config(password_file="/etc/authcert/password", ca_file="/etc/authcert/ca.pem")
            (etc / "authcert.conf").write_text(program.configuration({
                "directory": settings, "servers": {"probe": "none"},
                "mail": {"relay": relay.uri, "ca_file": "/etc/authcert/ca.pem", "from": "a@contoso.test", "to": "b@contoso.test"}}))
            before = {str(path) for path in image.root.rglob("*")}
            seen = image.start("check")
            self.assertEqual(seen.returncode, 1, seen)
            self.assertIn(current.thumbprint, seen.stdout)
            seen = image.start()
            self.assertEqual(seen.returncode, 0, seen)
            [message] = relay.messages
            self.assertIn(current.thumbprint, message.body)
        made = {str(path) for path in image.root.rglob("*")} - before
        self.assertTrue(made)
        self.assertEqual([path for path in made if not path.startswith(str(account))], [], "it writes into the volume alone")


if __name__ == "__main__":
    unittest.main()
