"""Another release of Debian than the one that tests: its compiler, its libraries, our source in it.

    with releases.Release() as other:           a copy of its root, with this source in /src
        other.run("cd /src && ...")             in the root, as root, with the machine's network; what it starts ends with it

The root is made once and kept in the build folder, next to that of the package tests.
"""

import os
import re
import shutil
import subprocess

import machine
import package

SUITE = "trixie"
# What the tests that run there need, beside what tools/install-packages installs to build.
TESTED = ("binutils", "build-essential", "ca-certificates", "debhelper", "faketime", "gnutls-bin", "ldap-utils",
          "libcmocka-dev", "nginx", "openssl", "prometheus", "python3", "python3-aiosmtpd", "python3-cryptography",
          "slapd")
ENTER = """
mount --bind "$1" "$1"
mount -t proc proc "$1/proc"
mount --rbind /sys "$1/sys"
mount --rbind /dev "$1/dev"
mount -t tmpfs -o mode=1777 none "$1/tmp"
exec chroot "$1" /bin/sh -ec "$2"
"""
ENVIRONMENT = {"PATH": package.PATH, "HOME": "/root", "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive",
               # The tests' Python is newer there, and tells of what will change.
               "PYTHONWARNINGS": "ignore"}


def why_not():
    """Why the other release is not tried; None where it is."""
    if os.environ.get("AUTHCERT_FULL") != "1":
        return "left out, it takes minutes: ./test --full builds and tests on Debian 13 as well"
    return "left out: it needs root, to make a root folder of Debian 13" if os.geteuid() != 0 else None


def built_with():
    """The packages that tools/install-packages names for building, by the names of Debian 12."""
    text = (package.ROOT / "tools/install-packages").read_text()
    return re.search(r"^build='([^']*)'", text, re.MULTILINE)[1].split()


def _not_source(folder, names):
    # tools/build is source, the folder build is not.
    return package.LEFT_OUT.intersection(names) if folder == str(package.ROOT) else {"__pycache__"}.intersection(names)


class Release(machine.Machine):
    def __init__(self):
        super().__init__(SUITE)

    def __enter__(self):
        machine.base(SUITE, (*built_with(), *TESTED))
        super().__enter__()
        shutil.copytree(package.ROOT, self.root / "src", ignore=_not_source)
        return self

    def run(self, script, status=0):
        done = subprocess.run(["unshare", "--mount", "--pid", "--fork", "--kill-child", "--propagation", "private",
                               "/bin/sh", "-ec", ENTER, "sh", str(self.root), script], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, check=False, env=ENVIRONMENT)
        if status is not None and done.returncode != status:
            raise AssertionError(f"{script!r} ended with {done.returncode}:\n{done.stdout[-12000:]}{done.stderr[-4000:]}")
        return done.stdout
