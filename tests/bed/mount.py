"""A small file system of its own over a folder, in a mount namespace that nobody else sees and that ends with it.

    with mount.Small(folder, kilobytes=256) as small:
        small.executable(program)     a path that runs this program where the file system is
        small.inside                  the folder as it is there, for the test
        small.fill(); small.empty(); small.read_only(True)
"""

import subprocess
import unittest
from pathlib import Path

import hosts


def needed():
    """Skips the test where root may not mount in a namespace of its own."""
    options, why = hosts.namespace()
    if options != "--mount":
        raise unittest.SkipTest("it mounts in a namespace of its own, as root, which is not to be had here"
                                + (f": {why}" if why else ""))


class Small:
    def __init__(self, folder, kilobytes):
        self.folder, self.kilobytes = Path(folder), kilobytes
        self.process = None

    def __enter__(self):
        needed()
        script = f'mount -t tmpfs -o size={self.kilobytes}k,mode=0700 none "$1" && echo ready && exec cat'
        self.process = subprocess.Popen(["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh",
                                         str(self.folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE)
        if self.process.stdout.readline() != b"ready\n":
            why = self.process.communicate()[1].decode()
            raise AssertionError("this test mounts a file system in a namespace of its own, as root: " + why)
        self.inside = Path(f"/proc/{self.process.pid}/root{self.folder.resolve()}")
        return self

    def __exit__(self, *_):
        self.process.communicate()

    def _there(self, *command):
        subprocess.run(["nsenter", "--mount", "--root", f"--target={self.process.pid}", "--", *command], check=True)

    def executable(self, program, beside):
        """Writes a script into the folder `beside` and returns its path."""
        path = Path(beside) / "inside"
        path.write_text(f'#!/bin/sh\nexec nsenter --mount --root --target={self.process.pid} --wd=/ -- "{program}" "$@"\n')
        path.chmod(0o755)
        return path

    def fill(self, leave=0):
        """Takes all the room but so many bytes."""
        block = b"x" * 4096
        with open(self.inside / "ballast", "wb", buffering=0) as file:
            try:
                while True:
                    file.write(block)
            except OSError:
                pass
            file.truncate(max(0, file.tell() - leave))

    def empty(self):
        (self.inside / "ballast").unlink()

    def read_only(self, yes):
        self._there("mount", "-o", "remount," + ("ro" if yes else "rw"), str(self.folder))
