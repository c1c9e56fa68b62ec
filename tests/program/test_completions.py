"""Pressing Tab in bash, zsh and fish: commands, options and words are those of the program itself."""

import json
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

import wait
from program import ROOT, binary

BASH = """
. /usr/share/bash-completion/bash_completion
. {completions}/authcert.bash
COMP_WORDS=({words}) COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
COMP_LINE="${{COMP_WORDS[*]}}" COMP_POINT=${{#COMP_LINE}}
_authcert
printf '%s\\n' "${{COMPREPLY[@]}}"
"""

# zsh completes only at a terminal: an inner shell at one shows what it offers, instead of changing the line.
ZSH = """
zmodload zsh/zpty
zpty inner zsh -f -i
zpty -w inner 'PROMPT=; fpath=({completions} $fpath); autoload -Uz compinit; compinit -u -d {folder}/dump
compadd() {{ local -a found; builtin compadd -O found "$@"; print -rl -- "<<"${{^found}}">>"; builtin compadd "$@" }}
show() {{ zle complete-word; print -r -- "<<END>>" }}; zle -N show; bindkey "^I" show; print -r -- "<<REA""DY>>"'
zpty -r inner line '*<<READY>>*'
zpty -w -n inner {words}$'\\t'
zpty -r inner line '*<<END>>*'
print -r -- $line
zpty -d inner
"""


FISH = "source {completions}/authcert.fish; complete -C '{words}'"


class Completions(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="authcert-completions-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        (self.folder / "authcert").symlink_to(binary())

    def run_shell(self, *command):
        done = subprocess.run(command, capture_output=True, text=True, timeout=wait.HANG, check=False, cwd=self.folder,
                              env={"PATH": f"{self.folder}:/usr/bin:/bin", "HOME": str(self.folder), "TERM": "dumb"})
        self.assertEqual(done.stderr, "")
        return done.stdout

    def bash(self, *words):
        text = BASH.format(completions=ROOT / "completions", words=" ".join(f"'{word}'" for word in words))
        return set(self.run_shell("bash", "--norc", "-c", text).split())

    def zsh(self, *words):
        text = ZSH.format(completions=ROOT / "completions", folder=self.folder, words="'" + " ".join(words) + "'")
        return set(re.findall(r"<<([^<>]+)>>", self.run_shell("zsh", "-f", "-c", text))) - {"END", "READY"}

    def fish(self, *words):
        text = FISH.format(completions=ROOT / "completions", words=" ".join(words))
        return {line.split("\t")[0] for line in self.run_shell("fish", "--no-config", "-c", text).splitlines()}

    def help_of(self, *command):
        return subprocess.run([str(binary()), *command, "--help"], capture_output=True, text=True, check=True).stdout

    def test_every_shell(self):
        commands = set(re.findall(r"^  (\w+) ", self.help_of().partition("Commands:")[2], re.MULTILINE))
        options = set(re.findall(r"^ +(?:-\w, )?(--[\w-]+)", self.help_of("doctor"), re.MULTILINE))
        self.assertIn("--try-delivery", options)
        for shell in (self.bash, self.zsh, self.fish):
            with self.subTest(shell=shell.__name__):
                self.assertEqual(shell("authcert", ""), commands)
                self.assertEqual(shell("authcert", "do"), {"doctor"})
                self.assertEqual(shell("authcert", "help", "do"), {"doctor"})
                self.assertEqual(shell("authcert", "-c", "x.conf", "doctor", "--"), options)
                self.assertEqual(shell("authcert", "doctor", "--try"), {"--try-delivery"})
                self.assertEqual(shell("authcert", "--format", ""), {"text", "json", "nagios", "prometheus"})
                self.assertEqual(shell("authcert", "config", ""), {"check", "show"})

    def test_what_it_keeps_and_has_seen(self):
        kept, older, current, state = "A" * 40, "C" * 40, "B" * 40, self.folder / "state"
        (state / "keys").mkdir(parents=True)
        (state / "keys" / f"{kept}.candidate").touch()
        (state / "keys" / f"{older}.key").touch()
        (state / "last.json").write_text(json.dumps({"certificates": {"current": {"thumbprint": current}, "next": None},
                                                     "servers": [{"fqdn": "ex1.contoso.test"}, {"fqdn": "fe1.contoso.test"}]},
                                                    indent=2))
        conf = self.folder / "a.conf"
        conf.write_text(f"[directory]\nuri = ldaps://127.0.0.1:1\nbind = anonymous\n[state]\ndirectory = {state}\n")
        for shell in (self.bash, self.zsh, self.fish):
            with self.subTest(shell=shell.__name__):
                self.assertEqual(shell("authcert", "-c", str(conf), "export", ""), {kept, older})
                self.assertEqual(shell("authcert", "-c", str(conf), "deliver", "--confirm", ""), {kept, older, current})
                self.assertEqual(shell("authcert", "-c", str(conf), "deliver", "--confirm", "B"), {current})
                self.assertEqual(shell("authcert", "-c", str(conf), "deliver", "--confirm", current, "f"), {"fe1.contoso.test"})
                self.assertEqual(shell("authcert", "-c", "/nonexistent", "export", ""), set())


if __name__ == "__main__":
    unittest.main()
