"""The program as it was built: what makes mistakes harder to use is in it, and its memory has a limit that the delivery
command does not inherit."""

import re
import unittest

import hardened
import pki
import program
import renewal

SANITIZED = b"__asan_init" in program.binary().read_bytes()


class Hardened(unittest.TestCase):
    def test_nothing_is_lacking(self):
        self.assertEqual(hardened.lacks(program.binary(), fortified=not SANITIZED), [])


class Limits(unittest.TestCase):
    def test_the_delivery_command_has_its_own_limits(self):
        with renewal.Bed(current=pki.auth_certificate(20)) as bed:
            noted = bed.program.folder / "noted"
            command = bed.program.file("limits", f"#!/bin/sh\ncat /proc/self/limits /proc/$PPID/limits >{noted}\n"
                                       'for server in $AUTHCERT_SERVERS; do echo "$server present"; done\n', 0o755)
            bed.program.change("delivery", command=command)
            bed.run("run")
            theirs, ours = re.findall(r"Max data size +(\S+)", noted.read_text())
            self.assertEqual((theirs, ours), ("unlimited", "unlimited" if SANITIZED else str(512 << 20)))


if __name__ == "__main__":
    unittest.main()
