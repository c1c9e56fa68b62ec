"""The lifecycle on a real domain controller: what is proved at length against slapd (tests/program: test_crash, test_race,
test_years) holds here too, in a shortened form. A domain controller's clock cannot be moved, so the years are not waited
for: dates and memory are put back instead, and each generation of certificates lives a year longer than the one before.
"""

import json
import os
import signal
import time
import unittest
from unittest import mock

import ad
import exchange
import pki
import renewal
import test_race
import wait

GENERATIONS = 10 if os.environ.get("AUTHCERT_FULL") else 5
RACES = 20 if os.environ.get("AUTHCERT_FULL") else 3
KILLS = 40 if os.environ.get("AUTHCERT_FULL") else 6


def passed(bed, days):
    """The history has it that the present pair came so many days ago."""
    history = bed.history()
    history["pair"].update(since=(pki.now() - pki.days(days)).strftime("%Y-%m-%dT%H:%M:%SZ"), after=None)
    (bed.program.state / "history.json").write_text(json.dumps(history))


class Bed(renewal.Bed):
    """An organization of its own for each test, on one domain controller that they share."""

    def __init__(self, forest, current, **options):
        super().__init__(current=None, executable=forest.executable(), **options)
        self.organization, self.directory, self.current = forest.organizations[0], forest, current

    def __enter__(self):
        for dn in self.directory.search(ad.CONTAINER, "(objectClass=msDS-AppData)", ["1.1"]):
            self.directory.delete(dn)
        self.directory.replace(self.organization.auth_dn, msExchAuthCertificateData=[self.current.der],
                               **{renewal.THUMBPRINTS: ["0:" + self.current.thumbprint], renewal.DATE: []})
        self.program = self.agent()
        return self

    def __exit__(self, *_):
        for program in self.programs:
            program.close()


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.forest = ad.Forest([exchange.Organization()])
        cls.forest.__enter__()
        cls.addClassCleanup(cls.forest.__exit__)

    def bed(self, current, **options):
        bed = Bed(self.forest, current, **options)
        bed.__enter__()
        self.addCleanup(bed.__exit__)
        return bed

    def acts(self, seen):
        self.assertEqual(seen.status, 0, seen)
        return [(done["act"], done["result"]) for done in seen.report["done"] if done["act"] != "deliver"]


@ad.required
class Generations(Case):
    def test_generations(self):
        """Stage, activate, retire, again and again: no night without a usable current, no key lost."""
        bed = self.bed(pki.auth_certificate(21))
        made = []
        for generation in range(GENERATIONS):
            before = bed.slots()["0"]
            bed.program.change("policy", lifetime=f"{generation + 1}y", renew_before=f"{generation * 365 + 25}d",
                               activate_after="30d")
            self.assertEqual(self.acts(bed.run("run")), [("stage", "ok")])
            staged = bed.slots()["2"]
            made.append(staged)
            self.assertEqual(self.acts(bed.run("run")), [])
            # Thirty days go by.
            self.forest.replace(bed.organization.auth_dn, **{renewal.DATE: "20200101000000.0Z"})
            passed(bed, 40)
            self.assertEqual(self.acts(bed.run("run")), [("activate", "ok")])
            self.assertEqual(bed.slots(), {"0": staged, "1": before})
            self.assertEqual(self.acts(bed.run("run")), [])
            # And a week.
            passed(bed, 8)
            acts = self.acts(bed.run("run"))
            self.assertEqual(acts, [("retire", "ok")])
            self.assertEqual(bed.slots(), {"0": staged})
            self.assertIsNone(bed.date())
        self.assertEqual(len(set(made)), GENERATIONS)
        self.assertEqual([name for name in bed.keys() if name.endswith(".key")], sorted(name + ".key" for name in made))


@ad.required
class Race(Case):
    def test_two_agents(self):
        """Of two that write at once one wins; the other sees it and keeps its key."""
        with mock.patch.object(test_race, "TIMES", RACES), \
                mock.patch.object(test_race.renewal, "Bed", lambda current: Bed(self.forest, current)):
            race = test_race.Agents("race")
            race.race("run")

    def test_exchange_between_look_and_write(self):
        """Exchange's own shell stages something while the delivery runs: the write is lost, and nothing else."""
        bed = self.bed(pki.auth_certificate(21))
        other = pki.auth_certificate(1700)
        go, come = bed.program.folder / "go", bed.program.folder / "come"
        command = (bed.program.folder / "deliver").read_text().replace(
            "set -eu\n", f"set -eu\ntouch {come}\nfor i in $(seq 60000); do [ ! -e {go} ] || break; sleep 0.01; done\n", 1)
        bed.program.file("deliver", command, 0o755)
        process = bed.program.start("run", json=True)
        wait.until(come.exists, come, process=process)
        bed.directory.replace(bed.organization.auth_dn, **{
            renewal.THUMBPRINTS: ["0:" + bed.current.thumbprint, "2:" + other.thumbprint],
            renewal.DATE: exchange.generalized(pki.now() + pki.days(9))})
        go.touch()
        output, errors = process.communicate(timeout=wait.HANG)
        self.assertEqual(process.returncode, 0, errors.decode())
        self.assertIn("someone else changed the auth configuration", errors.decode())
        self.assertEqual([done["act"] for done in json.loads(output)["done"]], ["deliver"])
        self.assertEqual(bed.slots(), {"0": bed.current.thumbprint, "2": other.thumbprint})


@ad.required
class Crash(Case):
    def test_killed_anywhere(self):
        """However a run ends, the next one comes to one staged certificate, whose key is kept, and to one only."""
        bed = self.bed(pki.auth_certificate(21))
        start = time.monotonic()
        self.assertEqual(self.acts(bed.run("run")), [("stage", "ok")])
        whole = time.monotonic() - start
        for number in range(KILLS):
            with self.subTest(number=number):
                bed = self.bed(pki.auth_certificate(21))
                process = bed.program.start("run", json=True)
                time.sleep(whole * (number + 1) / (KILLS + 1))  # the point of the test, not a wait for something
                os.killpg(process.pid, signal.SIGKILL)
                process.communicate()
                slots = bed.slots()
                self.assertEqual(slots["0"], bed.current.thumbprint)
                self.assertEqual(bed.run("run").status, 0)
                after = bed.slots()
                self.assertEqual(set(after), {"0", "2"})
                if "2" in slots:
                    self.assertEqual(after["2"], slots["2"])
                self.assertIn(after["2"] + ".key", bed.keys())
                self.assertIsNotNone(bed.date())
                self.assertEqual(self.acts(bed.run("run")), [])


if __name__ == "__main__":
    unittest.main()
