"""The first configuration that the README shows is one that the program takes."""

import re
import unittest

from program import ROOT, Program


class Readme(unittest.TestCase):
    def test_first_configuration_is_valid(self):
        block = re.search(r"^    \[directory\]\n(?:    .*\n|\n)+", (ROOT / "README.md").read_text(), re.MULTILINE)
        text = re.sub(r"^    ", "", block[0], flags=re.MULTILINE)
        self.assertIn("[mail]", text)
        with Program({}) as program:
            program.secret("directory-password", "secret\n")
            program.write(text.replace("/etc/authcert", str(program.folder)))
            seen = program.run("config", "check")
            self.assertEqual((seen.status, seen.stderr), (0, ""), seen)


if __name__ == "__main__":
    unittest.main()
