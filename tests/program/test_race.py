"""Two agents with state folders of their own, and one who knows nothing of agents, change one directory at once.

The delivery command is the starting pistol: it comes after the look and before the write, so each of two that wait for
each other there has seen the empty slot, and both write.
"""

import json
import os
import shutil
import unittest

import pki
import renewal
import wait

TIMES = 200 if os.environ.get("AUTHCERT_FULL") else 20
# Notes that it is there, and goes on when as many as should be are.
WAITING = """#!/bin/sh
set -eu
touch "{meeting}/$AUTHCERT_THUMBPRINT"
for i in $(seq 60000); do
    set -- "{meeting}"/*
    [ $# -lt {parties} ] || break
    sleep 0.01
done
""" + renewal.DELIVERY.split("\n", 2)[2]


class Meeting(unittest.TestCase):
    def meet(self, bed, programs, parties):
        """Has the delivery commands wait until `parties` have come; returns the folder in which they note themselves."""
        folder = bed.program.folder / "meeting"
        folder.mkdir()
        for program in programs:
            program.file("deliver", WAITING.format(folder=program.folder, meeting=folder, parties=parties), 0o755)
        return folder

    def ended(self, process):
        output, errors = process.communicate(timeout=wait.HANG)
        self.assertEqual(process.returncode, 0, errors.decode())
        return json.loads(output), errors.decode()

    def kept(self, bed, program):
        """The one key pair that an agent has made, as (thumbprint, suffix)."""
        names = bed.keys(program)
        self.assertEqual(len(names), 1, names)
        return tuple(names[0].split("."))


class Agents(Meeting):
    def race(self, command):
        current = pki.auth_certificate(21)
        with renewal.Bed(current=current) as bed:
            programs = bed.program, bed.agent()
            folder = self.meet(bed, programs, parties=2)
            won = [0, 0]
            for number in range(TIMES):
                with self.subTest(number=number):
                    bed.directory.replace(bed.organization.auth_dn, **{
                        renewal.THUMBPRINTS: "0:" + current.thumbprint, renewal.DATE: []})
                    for program in programs:
                        shutil.rmtree(program.state)
                        program.state.mkdir(mode=0o700)
                    for path in folder.iterdir():
                        path.unlink()
                    started = [program.start(command, json=True) for program in programs]
                    seen = [self.ended(process) for process in started]
                    won[self.check(bed, current, programs, seen)] += 1
            print(f"{command}: of {TIMES} races the first agent won {won[0]}, the second {won[1]}", flush=True)
            self.assertEqual(sum(won), TIMES)

    def check(self, bed, current, programs, seen):
        slots = bed.slots()
        self.assertEqual(set(slots), {"0", "2"})
        self.assertEqual(slots["0"], current.thumbprint)
        self.assertIsNotNone(bed.date())
        kept = [self.kept(bed, program) for program in programs]
        self.assertIn((slots["2"], "key"), kept, "the winner does not keep its key")
        winner = kept.index((slots["2"], "key"))
        loser = 1 - winner
        self.assertEqual(kept[loser][1], "candidate")
        self.assertNotEqual(kept[loser][0], slots["2"])
        self.assertIn("someone else changed the auth configuration", seen[loser][1])
        self.assertIn(f"the key pair {kept[loser][0]} is kept as candidate", seen[loser][1])
        self.assertNotIn("someone else", seen[winner][1])
        self.assertEqual([d["act"] for d in seen[winner][0]["done"]], ["deliver", "stage"])
        self.assertEqual([d["act"] for d in seen[loser][0]["done"]], ["deliver"])
        self.assertEqual(seen[loser][0]["certificates"]["next"]["thumbprint"], slots["2"], "the loser did not look again")
        return winner

    def test_renew_against_renew(self):
        self.race("renew")

    def test_run_against_run(self):
        self.race("run")

    def test_the_loser_is_quiet_ever_after(self):
        """Where the winner's bytes reach it, the loser has nothing to do; its candidate stays for the next time."""
        with renewal.Bed(current=pki.auth_certificate(21)) as bed:
            programs = bed.program, bed.agent()
            self.meet(bed, programs, parties=2)
            for process in [program.start("run", json=True) for program in programs]:
                self.ended(process)
            slots = bed.slots()
            loser = next(p for p in programs if self.kept(bed, p)[0] != slots["2"])
            winner = next(p for p in programs if p is not loser)
            before = self.kept(bed, loser)
            alone = loser.run("run", json=True)
            self.assertEqual((alone.status, alone.report["status"], alone.report["done"]), (0, "warning", []), alone)
            bytes_of_next = winner.state / "certificates" / (slots["2"] + ".der")
            self.assertEqual(loser.run("import", bytes_of_next).status, 0)
            seen = loser.run("run", json=True)
            self.assertEqual((seen.status, seen.report["status"], seen.report["done"]), (0, "ok", []), seen)
            self.assertEqual(bed.slots(), slots)
            self.assertEqual(self.kept(bed, loser), before)


class Exchange(Meeting):
    """Somebody stages through Exchange's own commands while an agent is on its way."""

    def between(self, command, change):
        current, other = pki.auth_certificate(21), pki.auth_certificate(1800, key=pki.new_key())
        with renewal.Bed(current=current) as bed:
            folder = self.meet(bed, [bed.program], parties=2)
            process = bed.program.start(*command, json=True)
            wait.until(lambda: list(folder.iterdir()), folder, process=process)
            bed.directory.modify(f"dn: {bed.organization.auth_dn}\nchangetype: modify\n" + change(current, other))
            (folder / "go").touch()
            report, errors = self.ended(process)
            self.assertIn("someone else changed the auth configuration", errors)
            self.assertEqual([d["act"] for d in report["done"]], ["deliver"])
            self.assertEqual(self.kept(bed, bed.program)[1], "candidate")
            return bed.slots(), bed.date(), current, other

    def stage(self, current, other):
        return (f"add: {renewal.THUMBPRINTS}\n{renewal.THUMBPRINTS}: 2:{other.thumbprint}\n-\n"
                f"replace: {renewal.DATE}\n{renewal.DATE}: 20301224000000.0Z\n")

    def test_another_next_is_staged_meanwhile(self):
        for command in (["renew"], ["run"], ["renew", "--again", "--yes"]):
            with self.subTest(command=command):
                slots, date, current, other = self.between(command, self.stage)
                self.assertEqual(slots, {"0": current.thumbprint, "2": other.thumbprint})
                self.assertEqual(date, "20301224000000.0Z")

    def test_another_next_is_staged_over_an_expired_one(self):
        """recover --yes on an expired certificate while Exchange's servicelet promotes another."""
        current, other = pki.auth_certificate(-1), pki.auth_certificate(1800, key=pki.new_key())
        with renewal.Bed(current=current) as bed:
            folder = self.meet(bed, [bed.program], parties=2)
            process = bed.program.start("recover", "--yes", json=True)
            wait.until(lambda: list(folder.iterdir()), folder, process=process)
            bed.directory.replace(bed.organization.auth_dn, **{renewal.THUMBPRINTS: [
                "0:" + other.thumbprint, "1:" + current.thumbprint]})
            (folder / "go").touch()
            _, errors = process.communicate(timeout=wait.HANG)
            self.assertEqual(process.returncode, 0, "somebody else has recovered it: nothing is left to do")
            self.assertEqual(bed.slots(), {"0": other.thumbprint, "1": current.thumbprint})
            self.assertIn("someone else changed the auth configuration", errors.decode())
            self.assertEqual(self.kept(bed, bed.program)[1], "candidate")


if __name__ == "__main__":
    unittest.main()
