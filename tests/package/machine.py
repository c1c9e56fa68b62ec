"""A fresh Debian with the package installed, and a real systemd in it.

    with machine.Machine() as host:            a copy of a root that debootstrap made, the package not installed yet
        host.install(package.build())
        host.shell("authcert --version")       in the root, without booting it
        host.boot(until=lambda: ...)            systemd-nspawn with a network of its own; ends when that holds, as the
                                               journal or a file below SEEN_IN shows
        host.journal("authcert.service")       entries of all boots, as dicts

The root is made once and kept in the build folder. Needs root and the machine's own package mirror.
"""

import contextlib
import json
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import package
import wait

SYSTEM = ("systemd", "systemd-sysv", "dbus", "ca-certificates")
# What the package depends on, and what the tests run beside it.
ADDED = ("libcurl4", "libgssapi-krb5-2", "libjansson4", "libkrb5-3", "libldap-2.5-0", "libpopt0", "libsmartcols1", "libssl3", "slapd", "ldap-utils",
         "python3", "python3-cryptography", "python3-aiosmtpd")
SEEN_IN = ("/var/log/journal", "/var/mail-sink", "/var/steps", "/var/shouted", "/var/status")
# A busy machine is no reason for systemd to give up.
PATIENCE = f"[Manager]\nDefaultTimeoutStartSec={wait.HANG}\nDefaultTimeoutStopSec={wait.HANG}\n"


def _mirror():
    """The first mirror that this machine's apt uses."""
    uris = subprocess.run(["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"],
                          capture_output=True, text=True, check=True).stdout.split()
    return uris[0] if uris else "http://deb.debian.org/debian"


def _run(command, **options):
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))}: {done.returncode}\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return done.stdout


def _chroot(root, script):
    return subprocess.run(["chroot", str(root), "/bin/sh", "-ec", script], capture_output=True, text=True, check=False,
                          env={"PATH": package.PATH, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"})


def borrow_apt(root):
    """Lets the root get packages by the ways of this machine."""
    for name in ("apt/apt.conf.d", "resolv.conf"):
        source, target = Path("/etc", name), Path(root, "etc", name)
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True)
        else:
            target.unlink(missing_ok=True)
            shutil.copy2(source, target)


def _add(root, packages):
    """Installs packages the way this machine's apt gets them. No daemon starts: there is no init in a chroot."""
    borrow_apt(root)
    policy = Path(root, "usr/sbin/policy-rc.d")
    policy.write_text("#!/bin/sh\nexit 101\n")
    policy.chmod(0o755)
    done = _chroot(root, "apt-get -q update && apt-get -q -y --no-install-recommends install " + " ".join(packages) +
                   " && apt-get clean && update-rc.d slapd disable || true")
    policy.unlink()
    if done.returncode or not Path(root, "usr/sbin/slapd").exists():
        raise RuntimeError(done.stdout[-3000:] + done.stderr[-3000:])


@contextlib.contextmanager
def _kept(name):
    """A folder to make a root in, which is kept under that name when it is done."""
    package.CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=package.CACHE, prefix=name + "-") as folder:
        new = Path(folder) / "root"
        yield new
        (new / "made").touch()
        os.rename(new, package.CACHE / name)


def smallest(suite="bookworm"):
    """The kept root of a suite with nothing in it but what every one has, as images of containers are."""
    root = package.CACHE / f"{suite}-smallest"
    if not (root / "made").exists():
        with _kept(root.name) as new:
            _run(["debootstrap", "--variant=minbase", suite, str(new), _mirror()])
    return root


def base(suite="bookworm", added=ADDED):
    """The kept root of a suite."""
    root = package.CACHE / suite
    if not (root / "made").exists():
        with _kept(root.name) as new:
            _run(["cp", "-a", "--reflink=auto", str(smallest(suite)), str(new)])
            _add(new, (*SYSTEM, *added))
            (new / "etc/machine-id").write_text("")
    return root


def why_not():
    """Why nothing that the units' sandbox confines can run in a root booted here; None where it can."""
    done = subprocess.run(["unshare", "--user", "true"], capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return None
    return f"the units run in user namespaces, which this machine refuses, as a chroot does: {done.stderr.strip()}"


class Machine:
    def __init__(self, suite="bookworm"):
        self.suite = suite

    def __enter__(self):
        package.CACHE.mkdir(parents=True, exist_ok=True)
        self.folder = tempfile.mkdtemp(prefix="authcert-machine-", dir=package.CACHE)
        self.root = Path(self.folder) / "root"
        _run(["cp", "-a", "--reflink=auto", str(base(self.suite)), str(self.root)])
        self.write("/etc/systemd/system.conf.d/patience.conf", PATIENCE)
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder, ignore_errors=True)

    def path(self, name):
        return self.root / str(name).lstrip("/")

    def write(self, name, text, mode=0o644):
        self.path(name).parent.mkdir(parents=True, exist_ok=True)
        self.path(name).write_text(text)
        self.path(name).chmod(mode)

    def _nspawn(self):
        """Nothing of it shows outside, and several can run side by side."""
        name = "authcert-" + re.sub(r"[^a-z0-9]", "", os.path.basename(self.folder))
        return ["systemd-nspawn", "-q", "-D", str(self.root), "-M", name, "--register=no", "--keep-unit", "--private-network"]

    def shell(self, script, status=0):
        """Runs a shell script in the root; daemons that it would start are not."""
        done = subprocess.run([*self._nspawn(), "--pipe", "--setenv=DEBIAN_FRONTEND=noninteractive", "/bin/sh", "-ec", script],
                              capture_output=True, text=True, check=False)
        if status is not None and done.returncode != status:
            raise AssertionError(f"{script!r} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        # What nspawn says of its own tidying where no systemd runs is not the script's.
        return done.stdout + re.sub(r"(?m)^Attempted to remove disk file system .*\n?", "", done.stderr)

    def install(self, deb):
        shutil.copy2(deb, self.path("/var/tmp"))
        said = self.shell(f"dpkg -i --force-confold /var/tmp/{deb.name}")
        self.path(f"/var/tmp/{deb.name}").unlink()
        return said

    def boot(self, until, binds=()):
        """Boots, waits until `until()` holds, shuts down cleanly."""
        console = Path(self.folder) / "console"
        log = open(console, "ab")
        process = subprocess.Popen(
            [*self._nspawn(), "--boot", *[f"--bind-ro={bind}" for bind in binds]],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        log.close()
        try:
            wait.until(until, *map(self.path, SEEN_IN), process=process,
                       story=lambda: console.read_text(errors="replace")[-6000:])
        finally:
            wait.end(process)

    def journal(self, *arguments):
        text = subprocess.run(["journalctl", "--directory", str(self.path("/var/log/journal")), "-o", "json", "--no-pager",
                               *arguments], capture_output=True, text=True, check=False).stdout
        return [json.loads(line) for line in text.splitlines()]


if __name__ == "__main__":
    package.build()
    base()
