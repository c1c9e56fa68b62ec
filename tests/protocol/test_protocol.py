"""The protocol of agents, Exchange, domain controllers and Entra, searched by spin: organization.pml in every world below.

Each guard of the model stands for a line of the program, which is looked up; taken out, it lets a property fail.
AUTHCERT_FULL=1 searches the large worlds too.
"""

import os
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MODEL = Path(__file__).with_name("organization.pml")
FULL = bool(os.environ.get("AUTHCERT_FULL"))
HANG = 3600
# `guard NAME: file function | words`
TAG = re.compile(r"guard ([A-Z_]+): (\S+) (\w+) \| (.+?) \*/")
PROPERTIES = dict(re.findall(r"^#define (\w+) (\d+) +/\* .*$", MODEL.read_text().split("/* What is to hold.")[1]
                             .split("#define PROPERTY")[0], re.MULTILINE))

# What each adds to one agent, one domain controller, a good start, one bad night after the other.
WORLDS = {
    "one agent": "",
    "one agent, and Exchange's servicelet may never come": "SERVICELET=0",
    "from any start": "START=1",
    "from any start, without bad nights": "START=1 FAULTS=0",
    "two bad nights after each other": "FAULTS=2",
    "two agents": "AGENTS=2 SERVICELET=0",
    "two controllers, from any start": "DCS=2 START=1",
    "two agents, two controllers": "AGENTS=2 DCS=2 SERVICELET=0",
    "two agents, and the writer goes for good": "AGENTS=2 DCS=2 WRITER_DIES=1",
    "an admin": "ADMIN=3",
    "an admin, two controllers": "DCS=2 ADMIN=9",
    "servers lose keys": "LOSSES=6",
    "Entra loses keys": "ENTRA=6",
}
LARGE = {
    "two agents, and servers lose keys": "AGENTS=2 LOSSES=6",
    "two agents, and Entra loses keys": "AGENTS=2 ENTRA=6",
    "two agents, from any start": "AGENTS=2 START=1",
    "two agents, an admin": "AGENTS=2 ADMIN=6",
    "an admin who is busy, two controllers": "DCS=2 ADMIN=6",
    "an admin, two controllers, from any start": "DCS=2 ADMIN=9 START=1",
}
# The world in which the lack of a guard shows, and the property that fails then.
GUARDS = {
    "ACCEPTED_FIRST": ("Entra loses keys", "ACCEPTED"),
    "BRING_FORWARD": ("from any start", "NEVER_OVER"),
    "CANDIDATE": ("one agent", "QUIET"),
    "CLEAR_NEXT": ("two controllers, from any start", "NEVER_OVER"),
    "DATE_BEFORE_END": ("from any start", "NEVER_OVER"),
    "DATE_GUARDS_SLOT": ("two agents", "ONE_NEXT"),
    "DELIVER_FIRST": ("one agent", "HELD"),
    "ENDED_GOES": ("from any start", "NEVER_OVER"),
    "EMERGENCY_ANYWHERE": ("two agents, and the writer goes for good", "BOUNDED"),
    "EXACT_VALUES": ("an admin", "FORWARD"),
    "GIVE_AGAIN": ("Entra loses keys", "ACCEPTED"),
    "KEEP_FIRST": ("one agent", "KEPT"),
    "LIFETIME_FITS": ("an admin", "QUIET"),
    "NOBODYS_REPLACED": ("from any start", "NEVER_OVER"),
    "NOBODYS_RESTAGED": ("from any start", "HELD"),
    "ONE_WRITER": ("two agents, two controllers", "LASTING"),
    "PRUNE_SPARES_SLOTS": ("from any start", "KEPT"),
    "PRUNE_WAITS": ("two controllers, from any start", "KEPT"),
    "PUT_OFF": ("servers lose keys", "HELD"),
    "RESTAGE": ("from any start", "NEVER_OVER"),
    "RESTORE_HELD": ("from any start", "NEVER_OVER"),
    "RESTS": ("an admin", "TOKENS"),
    "RETIRE_WAITS": ("one agent", "TOKENS"),
}
# The rows of the decision, as the model numbers them.
ROWS = dict(re.findall(r"^#define (ROW_\w+) (\d+)", MODEL.read_text(), re.MULTILINE))


class Spin(unittest.TestCase):
    def setUp(self):
        for program, package in (("spin", "spin"), ("cc", "gcc")):
            if not shutil.which(program):
                self.skipTest(f"{program} is missing (apt-get install {package})")
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def command(self, *command):
        done = subprocess.run([str(word) for word in command], cwd=self.folder, capture_output=True, text=True,
                              timeout=HANG, check=False)
        self.assertEqual(done.returncode, 0, f"{command}: {done.stdout[-4000:]}{done.stderr[-4000:]}")
        return done.stdout

    def build(self, world, *more):
        defines = [f"-D{word}" for word in (*world.split(), *more)]
        self.command("spin", *defines, "-a", MODEL)
        self.command("cc", "-O2" if FULL else "-O0", "-w", "-DSAFETY", "-DCOLLAPSE", "-DMEMLIM=6000", "-o", "pan", "pan.c")

    def search(self, world, *more):
        """Searches the world; returns (number of the property that fails or None, states, depth)."""
        self.build(world, *more)
        said = self.command("./pan", "-m1000000" if FULL else "-m100000", "-w24" if FULL else "-w20")
        for wrong in ("max search depth too small", "out of memory", "reached -DMEMLIM", "invalid end state ("):
            self.assertNotIn(wrong, said)
        failed = re.search(r"assertion violated .*!\((\d+)\)", said)
        self.assertEqual(bool(failed), "errors: 0" not in said, said)
        states, depth = (int(re.search(pattern, said)[1]) for pattern in (r"(\d+) states, stored", r"depth reached (\d+)"))
        return failed and failed[1], states, depth

    def trail(self, world, *more):
        """The counterexample that the last search found, told."""
        told = self.command("spin", "-T", "-k", MODEL.name + ".trail", *(f"-D{word}" for word in (*world.split(), *more)), MODEL)
        return "\n".join(line for line in told.split("\n") if line[:1] != "\t" and "proc " not in line)

    def holds(self, name, world):
        failed, states, depth = self.search(world)
        if failed:
            names = {number: name for name, number in PROPERTIES.items()}
            self.fail(f"{name}: {names[failed]} does not hold:\n{self.trail(world)}")
        print(f"{name}: {states} states, {depth} steps deep", flush=True)


class Protocol(Spin):
    def test_every_property_holds(self):
        for name, world in {**WORLDS, **(LARGE if FULL else {})}.items():
            with self.subTest(world=name):
                self.holds(name, world)

    def test_without_a_guard_a_property_fails(self):
        for guard, (name, expected) in GUARDS.items():
            with self.subTest(guard=guard):
                failed, states, depth = self.search(WORLDS[name], "NO_" + guard)
                self.assertEqual(failed, PROPERTIES[expected], f"without {guard}, {expected} was to fail")
                print(f"without {guard}: {expected} fails, after {states} states, {depth} steps deep", flush=True)

    def test_every_row_is_come_to(self):
        """A model that gets nowhere has no faults either."""
        self.build(WORLDS["from any start"], "REACH")
        said = self.command("./pan", "-c0", "-w20")
        rows = {name for name, number in ROWS.items() if re.search(rf"violated \(\(row!={number}\)\|\|", said)}
        self.assertEqual(set(ROWS) - rows, {"ROW_NONE", "ROW_STUCK"})


class Guards(unittest.TestCase):
    """The model and the program say the same."""

    def body(self, file, function):
        """The text of a function of the program."""
        text = (ROOT / file).read_text()
        found = re.search(rf"^\w[^\n;]*\b{function}\([^;{{]*\{{\n.*?^\}}", text, re.MULTILINE | re.DOTALL)
        self.assertIsNotNone(found, f"{file} has no function {function}")
        return found[0]

    def test_each_stands_for_words_of_the_program(self):
        tags = TAG.findall(MODEL.read_text())
        self.assertEqual({name for name, *_ in tags} - {"NAME"}, set(GUARDS))
        for name, file, function, words in tags:
            with self.subTest(guard=name):
                body = " ".join(self.body(file, function).split())
                self.assertIn(words, body, f"{file}: {function} has changed; look whether the model still says the same")

    def test_the_page_tells_of_each(self):
        page = (ROOT / "docs" / "protocol.md").read_text()
        for name in (*GUARDS, *set(PROPERTIES) - {"REACHED"}):
            self.assertIn(f"`{name}`", page)
        for world in (*WORLDS, *LARGE):
            self.assertRegex(page, rf"(?m)^\| {world} \| [0-9,]+ \| [0-9,]+ \|$")

    def test_each_can_be_taken_out(self):
        self.assertEqual(set(re.findall(r"\bNO_([A-Z_]+)", MODEL.read_text())) - {"NAME"}, set(GUARDS))


if __name__ == "__main__":
    unittest.main()
