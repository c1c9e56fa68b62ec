"""The scripts for the Exchange servers by their branches and by their syntax trees, in a real PowerShell, with Pester."""

import re
import unittest
from pathlib import Path

import powershell

HERE = Path(__file__).parent
RUN = """
Import-Module '{pester}/Pester.psd1'
$with = New-PesterConfiguration
$with.Run.Path = '{tests}'
$with.Run.Exit = $true
$with.Output.RenderMode = 'Plaintext'
Invoke-Pester -Configuration $with
"""


class Pester(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pester = powershell.found() / "pester"

    def passes(self, name, least):
        done = powershell.run("-Command", RUN.format(pester=self.pester, tests=HERE / name))
        said = done.stdout.decode()
        counts = re.search(r"Tests Passed: (\d+), Failed: 0, Skipped: 0, Inconclusive: 0, NotRun: 0", said)
        self.assertTrue(done.returncode == 0 and counts, said + done.stderr.decode())
        self.assertGreaterEqual(int(counts[1]), least)

    def test_every_branch(self):
        self.passes("Import.Tests.ps1", 90)

    def test_syntax(self):
        self.passes("Syntax.Tests.ps1", 40)


if __name__ == "__main__":
    unittest.main()
