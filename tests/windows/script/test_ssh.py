"""windows/deliver-ssh against a real sshd on loopback, whose forced command runs import.ps1 in a real PowerShell, a world of
files for each server."""

import os
import re
import socket
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import powershell
import program
import wait

PASSWORD = "K7QWJ2MZ5TR4XN6HBVCDLFPGYA"
DELIVER = powershell.ROOT / "windows/deliver-ssh"
CONFIG = "config=/etc/authcert/ssh/config\n"


class Ssh(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        powershell.found()
        cls.folder = Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="authcert-ssh-")))
        password = cls.folder / "password"
        password.write_text(PASSWORD)
        password.chmod(0o600)
        driver = program.binary().parent / "tests/renew/keys/pfx_driver"
        cls.pfx, cls.thumbprint = {}, {}
        for form in ("legacy", "modern"):
            said = subprocess.run([driver, form, password, cls.folder / form], check=True, capture_output=True, text=True)
            cls.pfx[form], cls.thumbprint[form] = (cls.folder / form).read_bytes(), said.stdout.strip()
        password.unlink()
        for form in cls.pfx:
            (cls.folder / form).unlink()
        for name in ("host", "client"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", cls.folder / name], check=True)

    def setUp(self):
        self.scratch = Path(self.enterContext(tempfile.TemporaryDirectory(dir=self.folder)))
        (self.scratch / "tmp").mkdir()
        self.servers = {}
        self.known = (self.folder / "host.pub").read_text()
        self.start()

    def start(self):
        """sshd, for which everything lies in the scratch folder. It wants a folder in /run, which it gets in a mount
        namespace of its own. Who logs on is told apart by the name in ssh's configuration, which sshd sees as LC_SERVER."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        forced = self.scratch / "forced"
        forced.write_text(f'#!/bin/sh\nexec {self.scratch}/server.$LC_SERVER\n')
        forced.chmod(0o755)
        (self.scratch / "authorized").write_text(f'restrict,command="{forced}" {(self.folder / "client.pub").read_text()}')
        (self.scratch / "sshd").write_text(
            f"ListenAddress 127.0.0.1\nPort {self.port}\nHostKey {self.folder}/host\nPidFile none\nUsePAM no\nStrictModes no\n"
            f"AuthorizedKeysFile {self.scratch}/authorized\nAcceptEnv LC_SERVER\nMaxStartups 100\n")
        with (self.scratch / "sshd.log").open("w") as log:
            self.sshd = subprocess.Popen(
                ["unshare", "--mount", "sh", "-c", "mount -t tmpfs none /run && mkdir -m 755 /run/sshd && exec /usr/sbin/sshd -D -e -f "
                 f"{self.scratch}/sshd"], stderr=log)
        self.addCleanup(wait.end, self.sshd)
        self.assertTrue(wait.listening(("127.0.0.1", self.port), self.sshd), (self.scratch / "sshd.log").read_text())

    def server(self, name, command=None, computer=None):
        """One that runs import.ps1, or something else in its place."""
        world = powershell.World(self.scratch / name, computer or name)
        script = self.scratch / f"{name}.ps1"
        script.write_text(world.script())
        environment = " ".join(f"{key}='{value}'" for key, value in powershell.environment(AUTHCERT_WORLD=str(world.folder)).items())
        started = self.scratch / f"server.{name}"
        started.write_text("#!/bin/sh\n" + (command or f"exec env -i {environment} {' '.join(powershell.command('-File', script))}\n"))
        started.chmod(0o755)
        self.servers[name] = world
        return world

    def deliver(self, *names, form="legacy", dead=(), prefix=(), thumbprint=None):
        """As authcert runs it: nothing but these variables, the PFX on standard input, the password on descriptor 3."""
        (self.scratch / "known").write_text("".join(f"{name} {self.known}" for name in [*names]))
        hosts = "".join(f"Host {name}\n  HostKeyAlias {name}\n  SetEnv LC_SERVER={name}\n  Port {1 if name in dead else self.port}\n"
                        for name in names)
        (self.scratch / "config").write_text(
            hosts + f"Host *\n  HostName 127.0.0.1\n  User {os.environ.get('USER', 'root')}\n  IdentityFile {self.folder}/client\n"
            f"  IdentitiesOnly yes\n  UserKnownHostsFile {self.scratch}/known\n  StrictHostKeyChecking yes\n  BatchMode yes\n"
            "  ConnectTimeout 60\n")
        text = DELIVER.read_text()
        self.assertIn(CONFIG, text)
        command = self.scratch / "deliver-ssh"
        command.write_text(text.replace(CONFIG, f"config={self.scratch}/config\n"))
        command.chmod(0o755)
        reading, writing = os.pipe()
        os.write(writing, PASSWORD.encode())
        os.close(writing)
        starter = [sys.executable, "-c", "import os, sys; os.dup2(int(sys.argv[1]), 3); os.execvp(sys.argv[2], sys.argv[2:])"]
        try:
            done = subprocess.run([*starter, str(reading), *prefix, command], input=self.pfx[form], capture_output=True,
                                  pass_fds=[reading], cwd="/", timeout=wait.HANG, check=False, env={
                                      "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                                      "AUTHCERT_THUMBPRINT": thumbprint or self.thumbprint[form], "AUTHCERT_SLOT": "next",
                                      "AUTHCERT_SERVERS": " ".join(names), "AUTHCERT_PASSWORD_FD": "3",
                                      "TMPDIR": str(self.scratch / "tmp")})
        finally:
            os.close(reading)
        self.assertEqual(list((self.scratch / "tmp").iterdir()), [])
        for said in (done.stdout, done.stderr):
            self.assertNotIn(PASSWORD.encode(), said)
        lines = done.stdout.decode().splitlines()
        return done, {line.split(" ", 1)[0]: line.split(" ", 1)[1] for line in lines}

    def test_two_servers_and_again(self):
        for name in ("ex1.contoso.test", "ex2.contoso.test"):
            self.server(name)
        for _ in range(2):
            done, said = self.deliver("ex1.contoso.test", "ex2.contoso.test")
            self.assertEqual(said, {name: "present" for name in self.servers}, done.stderr)
            self.assertEqual(done.returncode, 0)
            for world in self.servers.values():
                self.assertEqual((world.entries(), len(world.keys())), ([self.thumbprint["legacy"]], 1))
        self.assertEqual(self.servers["ex1.contoso.test"].calls().count("Import-KeyPair"), 1)

    def test_what_is_no_proof_is_not_present(self):
        self.server("good.contoso.test")
        self.server("alias.contoso.test", computer="ex9.contoso.test")
        world = self.server("broken.contoso.test")
        (world.folder / "fail").write_text("Add-Entry")
        bogus = "x" * 342 + "=="
        self.server("liar.contoso.test", f"cat >/dev/null; echo 'authcert-1 {{\"state\":\"present\",\"signature\":\"{bogus}\"}}'\n")
        self.server("mute.contoso.test", "cat >/dev/null; exit 0\n")
        self.server("talker.contoso.test", "cat >/dev/null; echo present; echo 'talker.contoso.test present'\n")
        self.server("constrained.contoso.test", "cat >/dev/null; echo 'authcert-1 {\"state\":\"constrained\"}'\n")
        self.server("dead.contoso.test")
        # One that plays back what it answered before: as good as the first time, but for another nonce.
        record = self.scratch / "record"
        replay = self.server("replay.contoso.test")
        started = self.scratch / "server.replay.contoso.test"
        real = started.read_text().replace("exec env", "env").rstrip("\n")
        started.write_text(f"#!/bin/sh\n[ ! -e {record} ] || {{ cat >/dev/null; cat {record}; exit 0; }}\n{real[10:]} | tee {record}\n")
        _, said = self.deliver("replay.contoso.test")
        self.assertEqual(said, {"replay.contoso.test": "present"})
        done, said = self.deliver(*self.servers, dead=["dead.contoso.test"])
        self.assertEqual(done.returncode, 1)
        self.assertEqual({name for name, what in said.items() if what == "present"}, {"good.contoso.test"}, said)
        self.assertEqual(set(said), set(self.servers))
        for name, reason in (("alias", "this computer is ex9.contoso.test"), ("broken", "could not "), ("liar", "not one of the key"),
                             ("mute", "without an answer"), ("talker", "without an answer"), ("constrained", "Constrained"),
                             ("dead", "[Cc]onnect"), ("replay", "not one of the key")):
            self.assertRegex(said[f"{name}.contoso.test"], "^failed .*" + reason)
        self.assertEqual((world.entries(), world.keys()), ([], []))
        self.assertEqual(len(replay.keys()), 1)

    def test_a_host_key_that_is_not_known_gets_nothing(self):
        world = self.server("ex1.contoso.test")
        self.known = (self.folder / "client.pub").read_text()
        done, said = self.deliver("ex1.contoso.test")
        self.assertRegex(said["ex1.contoso.test"], "^failed .*[Hh]ost key")
        self.assertEqual((done.returncode, world.calls()), (1, []))

    def test_nobody_asked_for(self):
        for form in self.pfx:
            done, said = self.deliver(form=form)
            self.assertEqual((done.returncode, said, done.stderr), (0, {}, b""))

    def test_another_key_pair_is_not_sent(self):
        world = self.server("ex1.contoso.test")
        done, said = self.deliver("ex1.contoso.test", thumbprint="A" * 40)
        self.assertEqual((done.returncode, said, world.calls()), (1, {}, []))
        self.assertIn(b"the PFX holds ", done.stderr)

    def test_no_secret_on_a_command_line_or_in_a_file(self):
        """Neither the password nor the PFX, as they are or in base64, in what any process was started with or wrote to a file."""
        self.server("ex1.contoso.test")
        log = self.scratch / "trace"
        done, said = self.deliver("ex1.contoso.test", prefix=["strace", "-f", "-qq", "-y", "-v", "-s", "100000", "-o", log, "-e",
                                                              "trace=execve,write,writev,pwrite64"])
        self.assertEqual(said, {"ex1.contoso.test": "present"}, done.stderr)
        trace = log.read_text(errors="replace")
        encoded = powershell.line(PASSWORD)
        started = [line for line in trace.splitlines() if "execve(" in line]
        self.assertGreater(len(started), 10)
        written = [line for line in trace.splitlines() if re.search(r"write\w*\(\d+</", line)]
        self.assertGreater(len(written), 1)
        for secret in (PASSWORD, encoded, powershell.line(self.pfx["legacy"])[:60]):
            self.assertIn(secret, trace)  # in pipes: or the search would find nothing anywhere
            for line in started + written:
                self.assertNotIn(secret, line)


if __name__ == "__main__":
    unittest.main()
