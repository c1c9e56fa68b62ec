"""Every command line of the manual is typed: those of authcert on an organization of its own, shell commands in a scratch
folder. What is typed by another test is named with it, and what is for Windows is marked as such in the text."""

import re
import shlex
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

import pki
import renewal
import smtp
from program import ROOT
from test_manual import PAGES, command_lines
from test_progress import on_terminal

WINDOWS = re.compile(r"PowerShell|Windows|Management Shell|repadmin", re.IGNORECASE)
# Blocks that are no commands, by how they begin.
CONFIGURATION = re.compile(r"\[\w+\]$|CRITICAL: |define |object |Host \*|restrict,|ex1\.contoso\.test |AUTHCERT |WARNING |#!/bin/sh|\w+ = |command\[")

# Typed here, in a scratch folder: what it has to leave there.
HERE = {
    "install -m 600": None, "openssl rand": None, "openssl req": "recovery.crt", "openssl pkey": None,
    "openssl pkcs12 -export": "pair.pfx", "systemd-analyze security": None, "promtool check rules": None,
}
# Typed by another test, or a form of what it types.
ELSEWHERE = {
    "cp ~/authcert/tests/protocol": "tests/protocol/test_protocol.py",
    "spin -": "tests/protocol/test_protocol.py",
    "cc -w": "tests/protocol/test_protocol.py",
    "./demo": "tests/program/CMakeLists.txt",
    "./test": ".ci/run",
    "tools/install-packages": "tests/program/test_readme.py",
    "dpkg-buildpackage -b -us -uc": "tests/package/package.py",
    "apt install": "tests/package/steps.py",
    "editor": "tests/package/steps.py",
    "cp contoso-ca.crt": "tests/package/steps.py",
    "update-ca-certificates": "tests/package/steps.py",
    "apt-get --yes": "tests/package/steps.py",
    "tar ": "tests/package/steps.py",
    "umask 077": "tests/package/steps.py",
    "systemctl disable --now": "tests/package/steps.py",
    "tools/package": "tests/package/test_dist.py",
    "systemctl enable --now": "tests/package/steps.py",
    "systemctl start": "tests/package/steps.py",
    "cmake --preset": "test",
    "samba-tool": "tests/ad/test_account_page.py",
    "samba-tool dsacl": "tests/ad/test_rights.py",
    "install -D": "tests/ad/test_account_page.py",
    "rm authcert.keytab": "tests/ad/test_account_page.py",
    "klist": "tests/ad/test_account_page.py",
    "# ktutil": "tests/ad/test_account_page.py",
    "openssl cms": "tests/ad/test_sealed_record.py",
    "ldapsearch": "tests/ad/test_sealed_record.py",
    "host -t SRV": "tests/ad/test_discovery.py",
    "install -o root": "tests/renew/deliver/test_command.c",
}
# What a test cannot type: it changes this machine, or waits for an editor.
NOT_TYPED = {
    "printf 'authcert-1": "needs a Windows server behind ssh; tests/windows has a stand-in for it",
    "az ad app": "asks Microsoft, with the admin's own log-in",
    "podman": "needs podman and its registry; tests/package/test_container.py makes the same root and starts it alike",
    "cmake --install": "installs into the machine; the package's build does the same into a folder",
    "systemd-sysusers": "makes an account; the package's installation does it in a machine of its own",
    "systemd-tmpfiles": "likewise",
    "journalctl": "reads or changes the machine's journal",
    "systemctl": "needs a running systemd, or an editor",
    "systemd-creds": "needs a key of the host",
    "openssl rand -base64 32 | systemd-creds": "needs a key of the host",
    "install -m 600 -o authcert": "needs the account that the package makes",
    "dpkg-statoverride": "changes the machine's package database",
}


def blocks(text):
    """[(lead, language, lines)]: code with the text that leads to it; a block after a block has the same lead."""
    found, lead, code, language = [], "", None, None

    def flush():
        nonlocal code
        if code:
            found.append((lead, language or "", code))
        code = None

    paragraph = []
    for line in text.split("\n"):
        fence = re.match(r"\s*```(\w*)", line)
        if fence and language is None:
            flush()
            code, language = [], fence[1] or "text"
        elif fence:
            flush()
            language = None
        elif language is not None:
            code.append(line.strip())
        elif re.match(r" {4,}\S", line) and (code is not None or not paragraph or not paragraph[-1]):
            code = (code or []) + [line.strip()]
        elif code is not None and not line.strip():
            code.append("")
        else:
            flush()
            if line.strip():
                paragraph = [] if paragraph and not paragraph[-1] else paragraph
                lead = " ".join(paragraph + [line])
            paragraph.append(line.strip())
    flush()
    return [(lead, language, [line for line in lines if line]) for lead, language, lines in found]


def joined(lines):
    """Command lines: continued ones as one."""
    return re.sub(r"\\\n", " ", "\n".join(lines)).split("\n")


def shell_lines():
    """(page, line) of everything that is typed into a Linux shell and is not authcert."""
    for page in PAGES:
        for lead, language, lines in blocks(page.read_text()):
            if language in ("powershell", "bat", "ini") or (not language and WINDOWS.search(lead)):
                continue
            if not language and CONFIGURATION.match(lines[0]):
                continue
            if language == "text" and not lines[0].startswith("# "):
                continue
            for line in joined(lines)[:1 if language == "text" else None]:
                if not line.startswith("authcert "):
                    yield page, line


def longest(line, table):
    return max((head for head in table if line.startswith(head)), key=len, default=None)


class Shell(unittest.TestCase):
    def test_every_line_is_accounted_for(self):
        used = set()
        for page, line in shell_lines():
            with self.subTest(page=page.name, line=line):
                head = longest(line, [*HERE, *ELSEWHERE, *NOT_TYPED])
                self.assertIsNotNone(head, "no test types this, and it is not marked as one for Windows")
                used.add(head)
        unused = {*HERE, *ELSEWHERE, *NOT_TYPED} - used - {"promtool check rules", "systemd-creds", "journalctl"}
        self.assertEqual(unused, set(), "no page has these any more")
        for path in ELSEWHERE.values():
            self.assertTrue((ROOT / path).exists(), path)

    def test_what_can_be_typed_here_works(self):
        with tempfile.TemporaryDirectory(prefix="authcert-manual-") as folder:
            work = Path(folder)
            pair = pki.auth_certificate(300)
            (work / "pair.pem").write_bytes(pair.pem + pair.key_pem)
            shutil.copy2(ROOT / "docs" / "authcert.rules.yml", work)
            shutil.copy2(ROOT / "systemd" / "authcert.service", work)
            (work / "THUMBPRINT.key").write_bytes((work / "pair.pem").read_bytes())
            typed = 0
            for page, line in [*shell_lines(), (None, "promtool check rules authcert.rules.yml")]:
                head = longest(line, [*HERE, *ELSEWHERE, *NOT_TYPED])
                if head not in HERE:
                    continue
                line = line.replace("/etc/credstore", str(work)).replace("/var/lib/authcert/default/keys", str(work))
                if line.startswith("openssl req"):
                    line += " -passout pass:secret"  # it asks
                if line.startswith("openssl pkcs12"):
                    line += " -passout pass:secret"
                if line.startswith("systemd-analyze"):
                    line = line.replace("security", "security --offline=yes").replace("authcert.service", "./authcert.service")
                with self.subTest(page=page and page.name, line=line):
                    done = subprocess.run(["/bin/sh", "-ec", line], cwd=work, stdin=subprocess.DEVNULL, capture_output=True,
                                          text=True, check=False)
                    self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                    typed += 1
                    if HERE[head]:
                        self.assertGreater((work / HERE[head]).stat().st_size, 0)
                        (work / HERE[head]).unlink()
            self.assertGreater(typed, 8)
            self.assertEqual((work / "key-password").stat().st_mode & 0o777, 0o600)
            self.assertEqual(len((work / "key-password").read_text()), 45)


class Authcert(unittest.TestCase):
    """One organization for each page, so that its lines can build on each other."""

    def setUp(self):
        self.relay = self.enterContext(smtp.Relay())

    def bed(self):
        following = pki.auth_certificate(900, key=pki.new_key())
        bed = self.enterContext(renewal.Bed(current=pki.auth_certificate(21)))
        bed.program.change("mail", relay=f"smtp://127.0.0.1:{self.relay.port}", tls="off", to="a@contoso.test",
                           **{"from": "b@contoso.test"})
        self.assertEqual(bed.run("renew").status, 0)
        folder = bed.program.folder
        bed.program.secret("password", "correct horse battery staple\n")
        bed.program.secret("pair.pem", (following.pem + following.key_pem).decode())
        bed.program.file("auth.cer", pki.auth_certificate(400).der)
        bed.names = {"THUMBPRINT": bed.slots()["2"], "FILE": str(folder / "auth.cer"), "FILE.html": str(folder / "page.html"),
                     "COMMAND": "check", "/var/www/html/authcert.html": str(folder / "authcert.html"),
                     "/etc/authcert/NAME.conf": str(bed.program.config), "password": str(folder / "password")}
        for name in ("auth.pfx", "pair.pfx", "auth.cer", "pair.pem"):
            bed.names[name] = str(folder / name)
        return bed

    def allowed(self, words):
        """Exit statuses that say: it was understood and did its work."""
        if "check" in words and "config" not in words:
            return {0, 1, 2}
        if "activate" in words and "--previous" in words:
            return {1}  # nothing has been current before
        if "refresh" in words:
            return {2}  # it needs method = winrm, which needs Active Directory: tests/ad/test_windows.py types it
        if "inventory" in words:
            return {0, 1, 2, 3}  # a status of the organization, as that of check
        if "entra" in words and "status" not in words:
            return {2}  # it needs [entra] and a tenant: test_entra.py types it
        if "current.pfx" in words:
            return {2}  # a file that nobody has made here: test_pfx.py takes one in
        return {0}

    def test_every_line_is_typed(self):
        count = 0
        for page in PAGES:
            lines = list(dict.fromkeys(command_lines(page.read_text())))
            bed = self.bed() if lines else None
            for line in lines:
                words = [bed.names.get(word, word) for word in shlex.split(line)][1:]
                if "-c" in words:
                    words[words.index("-c") + 1] = str(bed.program.config)
                if words[0] == "export":
                    words[2] = str(Path(words[2]).with_suffix(".pfx"))
                    Path(words[2]).unlink(missing_ok=True)  # it is made new
                with self.subTest(page=page.name, line=line):
                    if {"recover", "renew", "activate", "retire"} & set(words):
                        words += ["--yes"] if "--dry-run" not in words and "--help" not in words else []
                    if words[0] == "export" and "--password-file" not in words:  # shows one
                        status, said, rest = on_terminal(bed.program, *words)
                        said = said.decode(errors="replace")
                    else:
                        seen = bed.program.run(*words, config="-c" not in words)
                        status, said = seen.status, str(seen)
                    self.assertIn(status, self.allowed(words), said)
                    count += 1
        self.assertGreater(count, 40)


if __name__ == "__main__":
    unittest.main()
