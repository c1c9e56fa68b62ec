"""doctor --try-delivery: the delivery command is run as the night would run it, for no server and with a key pair that is
thrown away; without the option it is never run."""

import unittest

import pki
import renewal

# Opens the PFX with its password, as the real ones do, and notes what it was given.
OPENS = """#!/bin/sh
set -eu
folder={folder}
openssl pkcs12 -passin fd:3 -nokeys -out "$folder/opened.pem"
env | LC_ALL=C sort >"$folder/environment"
echo "one line for the admin" >&2
"""
TELLS_SECRETS = """#!/bin/sh
password=$(cat <&3)
openssl pkcs12 -passin "pass:$password" -nodes -nocerts >&2
echo "the password is $password" >&2
echo "ex1.contoso.test present"
exit 3
"""


class TryDelivery(unittest.TestCase):
    def bed(self, command=None, **options):
        bed = renewal.Bed(current=pki.auth_certificate(21), **options).__enter__()
        self.addCleanup(bed.__exit__)
        if command:
            bed.program.file("deliver", command.format(folder=bed.program.folder), 0o755)
        return bed

    def examine(self, bed, status, *options):
        """The lines about the delivery."""
        seen = bed.program.run("doctor", *options)
        self.assertEqual(seen.status, status, seen)
        self.assertEqual(seen.stderr, "", seen)
        return [line for line in seen.stdout.splitlines() if line[8:].startswith("delivery")]

    def test_a_good_command(self):
        bed = self.bed(OPENS)
        folder = bed.program.folder
        [line] = self.examine(bed, 0)
        self.assertIn("--try-delivery runs it", line)
        self.assertFalse((folder / "environment").exists(), "it is not run without the option")

        state = lambda: sorted(path for path in bed.program.state.rglob("*"))
        before, slots = state(), bed.slots()
        lines = self.examine(bed, 0, "--try-delivery")
        self.assertTrue(all(line.startswith("ok      ") for line in lines), lines)
        self.assertIn("was run for no server, with a key pair that is thrown away, and ended with 0", lines[1])
        self.assertIn("one line for the admin", lines[2])
        given = dict(line.split("=", 1) for line in (folder / "environment").read_text().splitlines())
        self.assertEqual((given["AUTHCERT_SLOT"], given["AUTHCERT_SERVERS"]), ("next", ""))
        opened = (folder / "opened.pem").read_text()
        self.assertIn("Microsoft Exchange Server Auth Certificate", opened)
        self.assertEqual((state(), bed.slots()), (before, slots), "nothing is kept, nothing is written")

        (folder / "environment").unlink()
        first = opened
        self.examine(bed, 0, "--try-delivery")
        self.assertNotEqual((folder / "opened.pem").read_text(), first, "each time another key pair")

    def test_a_failing_command_that_tells_secrets(self):
        lines = self.examine(self.bed(TELLS_SECRETS), 1, "--try-delivery")
        said = "\n".join(lines)
        self.assertIn("FAILED  delivery tried", said)
        self.assertIn("ended with status 3", said)
        self.assertIn("the password is ***", said)
        self.assertIn("a server that it was not asked about: ex1.contoso.test present", said)
        self.assertNotRegex(said, "[A-Za-z0-9+/]{64}")
        self.assertNotIn("sandbox", said, "there is none here")

    def test_a_command_that_does_not_end(self):
        bed = self.bed("#!/bin/sh\nsleep 600\n")
        bed.program.change("delivery", timeout="1s")
        self.assertIn("had not ended after 1 s", "\n".join(self.examine(bed, 1, "--try-delivery")))

    def test_a_command_that_cannot_start(self):
        lines = self.examine(self.bed("#!/no/such/interpreter\n"), 1, "--try-delivery")
        self.assertTrue(lines[1].startswith("FAILED  delivery tried: the delivery command"), lines)
        bed = self.bed(OPENS)
        (bed.program.folder / "deliver").chmod(0o777)
        [line] = self.examine(bed, 1, "--try-delivery")
        self.assertIn("make it 0755", line)
        self.assertFalse((bed.program.folder / "environment").exists(), "what others can change is not run")

    def test_by_hand_there_is_nothing_to_try(self):
        for mode in ("monitor", "renew"):
            [line] = self.examine(self.bed(delivery=False, policy={"mode": mode}), 0, "--try-delivery")
            self.assertIn("there is no command to try", line)


if __name__ == "__main__":
    unittest.main()
