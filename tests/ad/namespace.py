"""A network and a mount namespace that nobody else sees, for servers with fixed addresses and names of their own.

    with namespace.Namespace(folder) as inside:
        inside.command("ldapsearch", ...)      the words that run it there
        inside.hosts("127.0.0.11", "dc1.contoso.test")
        inside.executable(path, program)       writes a script to `path` that runs `program` there

Everything ends with the process that holds them, which ends with the one that made them.
"""

import os
import subprocess
from pathlib import Path

SCRIPT = """set -e
ip link set lo up
"$2" "$1" hosts resolv.conf
echo ready
exec cat
"""
ETC = Path(__file__).resolve().parents[1] / "bed/etc.sh"
NAMESERVER = "127.0.0.53"


def why_not():
    """Why this machine makes no such namespaces; None where it does."""
    if os.geteuid() != 0:
        return "it needs root, for namespaces and for ports below 1024"
    command = ["unshare", "--net", "--mount", "--propagation", "private", "ip", "link", "set", "lo", "up"]
    done = subprocess.run(command, capture_output=True, text=True)
    return None if done.returncode == 0 else "no network and mount namespace can be made: " + done.stderr.strip()


class Namespace:
    def __init__(self, folder):
        self.folder = Path(folder)
        self.process = None

    def __enter__(self):
        (self.folder / "hosts").write_text("127.0.0.1 localhost\n")
        (self.folder / "resolv.conf").write_text(f"nameserver {NAMESERVER}\noptions timeout:1 attempts:1\n")
        self.process = subprocess.Popen(["unshare", "--net", "--mount", "--propagation", "private", "sh", "-c", SCRIPT, "sh",
                                         str(self.folder), str(ETC)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE)
        if self.process.stdout.readline() != b"ready\n":
            raise RuntimeError("no namespace: " + self.process.communicate()[1].decode())
        return self

    def __exit__(self, *_):
        if self.process:
            self.process.communicate()
            self.process = None

    def hosts(self, address, *names):
        """One more line in /etc/hosts."""
        with open(self.folder / "hosts", "a") as file:
            file.write(f"{address} {' '.join(names)}\n")

    def command(self, *words):
        return ["nsenter", f"--target={self.process.pid}", "--net", "--mount", "--root", "--wd=" + str(self.folder), "--",
                *[str(word) for word in words]]

    def executable(self, path, program):
        path = Path(path)
        words = self.command(program)
        path.write_text("#!/bin/sh\nexec " + " ".join(f"'{word}'" for word in words) + ' "$@"\n')
        path.chmod(0o755)
        return path
