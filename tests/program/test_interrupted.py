"""Ctrl-C in the middle of a delivery: the key is in nobody's hand afterwards, what was reached is kept and said, and the
same command goes on from there."""

import os
import signal
import unittest
from pathlib import Path

import pki
import renewal
import wait

# Names one server, leaves a helper at work, and takes its time.
SLOW = """#!/bin/sh
cat >/dev/null
if [ -e {folder}/quick ]; then
    echo "$AUTHCERT_SERVERS" >>{folder}/asked
    for server in $AUTHCERT_SERVERS; do echo "$server present"; done
    exit 0
fi
sleep 1000 &
echo $! >{folder}/helper.new
echo "ex1.contoso.test present"
mv {folder}/helper.new {folder}/helper
wait
"""


def is_alive(process):
    try:
        return Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


class Interrupted(unittest.TestCase):
    def interrupt(self, bed, number, *command):
        """Starts the command and ends it while its delivery is at work. Its output."""
        folder = bed.program.folder
        bed.program.file("deliver", SLOW.format(folder=folder), 0o755)
        before = bed.values()
        process = bed.program.start(*command)
        wait.until((folder / "helper").exists, folder, process=process)
        helper = int((folder / "helper").read_text())
        os.kill(process.pid, number)
        output, errors = process.communicate(timeout=wait.HANG)
        self.assertEqual(process.returncode, 1, errors)
        self.assertFalse(is_alive(helper))
        self.assertIn("interrupted, and nothing more was done", errors.decode())
        self.assertEqual(bed.values(), before)
        (folder / "quick").touch()
        return output.decode()

    def test_each_signal(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(signal=number), renewal.Bed(current=pki.auth_certificate(80.5)) as bed:
                self.interrupt(bed, number, "renew")
                done = bed.run("renew")
                self.assertEqual(done.status, 0, done)
                self.assertEqual((bed.program.folder / "asked").read_text().split(), ["ex2.contoso.test", "ex3.contoso.test"])
                self.assertIn("2", bed.slots())

    def test_a_recovery(self):
        """Also where enough servers had it already: whoever ends it wants it to end."""
        with renewal.Bed(current=pki.auth_certificate(-2.5)) as bed:
            output = self.interrupt(bed, signal.SIGINT, "recover", "--yes")
            self.assertIn("a recovery is half-way", output)
            incident = bed.run("check").report["incident"]
            self.assertEqual(incident["servers_left"], ["ex2.contoso.test", "ex3.contoso.test"])
            done = bed.run("recover", "--yes")
            self.assertEqual(done.status, 0, done)
            self.assertEqual(bed.slots()["0"], incident["thumbprint"])

    def test_what_is_to_be_ignored_stays_ignored(self):
        """A run behind nohup is not ended by the terminal that goes away."""
        with renewal.Bed(current=pki.auth_certificate(-2.5)) as bed:
            folder = bed.program.folder
            bed.program.file("deliver", SLOW.format(folder=folder).replace(
                "wait\n", "while [ ! -e {0}/go ]; do sleep 0.1; done\nkill $(cat {0}/helper)\n"
                          "for server in $AUTHCERT_SERVERS; do echo \"$server present\"; done\n".format(folder)), 0o755)
            process = bed.program.start("recover", "--yes", preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
            wait.until((folder / "helper").exists, folder)
            os.kill(process.pid, signal.SIGHUP)
            (folder / "go").touch()
            _, errors = process.communicate(timeout=wait.HANG)
            self.assertEqual(process.returncode, 0, errors)


if __name__ == "__main__":
    unittest.main()
