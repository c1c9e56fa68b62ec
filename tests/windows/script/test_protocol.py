"""windows/import.ps1 as it is run: brought by windows/bootstrap.ps1 on standard input of a real PowerShell, or started as a
file. The PFX is one of ours, and OpenSSL judges the signatures."""

import base64
import hashlib
import json
import os
import socket
import subprocess
import tempfile
import threading
import unittest
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, pkcs12

import powershell
import program
import wait

SERVER = "ex1.contoso.test"
PASSWORD = "K7QWJ2MZ5TR4XN6HBVCDLFPGYA"
BOOTSTRAP = (powershell.ROOT / "windows/bootstrap.ps1").read_text()
ENCODED_MOST = 2900  # SCRIPT_ENCODED_MOST
# All that PowerShell can write into an event log. Here it goes to /dev/log, where a socket of the test stands.
EVERY_EVENT = {"PowerShellPolicies": {"ModuleLogging": {"EnableModuleLogging": True, "ModuleNames": ["*"]},
                                      "ScriptBlockLogging": {"EnableScriptBlockLogging": True,
                                                             "EnableScriptBlockInvocationLogging": True}},
               "LogLevel": "Verbose", "LogChannels": "Operational,Analytic",
               "LogKeywords": "Runspace,Pipeline,Protocol,Transport,Host,Cmdlets,Serializer,Session,ManagedPlugin"}
OWN_LOG = """set -e
mount -t tmpfs none {dev}
for name in null zero random urandom; do touch {dev}/$name; mount --bind /dev/$name {dev}/$name; done
touch {dev}/log
mount --bind {log} {dev}/log
mount --rbind {dev} /dev
exec "$@"
"""


class Length(unittest.TestCase):
    def test_the_bootstrap_fits_a_command_line(self):
        self.assertLessEqual(len(powershell.encoded(BOOTSTRAP)), ENCODED_MOST)
        self.assertIn(f"SCRIPT_ENCODED_MOST {ENCODED_MOST}\n", (powershell.ROOT / "windows/script.h").read_text())

    def test_script_and_orders_fit_one_message(self):
        script = (powershell.ROOT / "windows/import.ps1").read_bytes()
        self.assertLess(len(base64.b64encode(script)), 48 * 1024)  # of the 96 KiB that one message of WinRM takes


class Protocol(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        powershell.found()
        cls.folder = Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="authcert-script-")))
        password = cls.folder / "password"
        password.write_text(PASSWORD)
        password.chmod(0o600)
        driver = program.binary().parent / "tests/renew/keys/pfx_driver"
        subprocess.run([driver, "legacy", password, cls.folder / "pfx"], check=True, capture_output=True)
        cls.pfx = (cls.folder / "pfx").read_bytes()
        certificate = pkcs12.load_pkcs12(cls.pfx, PASSWORD.encode()).cert.certificate
        cls.der = certificate.public_bytes(Encoding.DER)
        cls.thumbprint = hashlib.sha1(cls.der).hexdigest().upper()
        cls.public = cls.folder / "public.pem"
        cls.public.write_bytes(certificate.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))

    def setUp(self):
        self.scratch = Path(self.enterContext(tempfile.TemporaryDirectory(dir=self.folder)))
        self.world = powershell.World(self.scratch / "world", SERVER)
        self.nonce = os.urandom(32)

    def order(self, operation, **items):
        if operation in ("import", "repair", "forget"):
            items.setdefault("der", self.der)
        if operation in ("import", "repair"):
            items.setdefault("pfx", self.pfx)
            items.setdefault("password", PASSWORD)
        return powershell.order(operation=operation, thumbprint=self.thumbprint, nonce=self.nonce, server=SERVER, **items)

    def run_lines(self, lines, bootstrap=BOOTSTRAP, **more):
        """By the bootstrap, as cmd.exe starts it."""
        return powershell.run("-EncodedCommand", powershell.encoded(bootstrap), AUTHCERT_WORLD=str(self.world.folder),
                              input="".join(f"{line}\n" for line in lines).encode(), **more)

    def brought(self):
        return ["authcert-1", powershell.line(self.world.script())]

    def answers(self, done):
        self.assertEqual(done.stderr, b"")
        self.assertTrue(done.stdout.isascii(), done.stdout)
        lines = done.stdout.decode().splitlines()
        for line in lines:
            self.assertTrue(line.startswith("authcert-1 {"), line)
            self.assertLessEqual(len(line), 8192)
        return [json.loads(line[11:]) for line in lines]

    def proves(self, answer, nonce=None, server=SERVER):
        """By OpenSSL's own verdict."""
        signature = self.scratch / "signature"
        signature.write_bytes(base64.b64decode(answer["signature"]))
        said = b"\0".join([b"authcert-proof-1", answer["operation"].encode(), server.encode(), self.thumbprint.encode(),
                           nonce or self.nonce])
        return subprocess.run(["openssl", "dgst", "-sha256", "-verify", self.public, "-signature", signature], input=said,
                              capture_output=True, check=False, timeout=wait.HANG).returncode == 0

    def test_the_whole_way(self):
        done = self.run_lines(self.brought() + self.order("look") + self.order("import") + self.order("import")
                              + self.order("look") + self.order("refresh") + self.order("forget") + self.order("look"))
        states = [(answer["state"], answer["changed"]) for answer in self.answers(done)]
        self.assertEqual(states, [("absent", []), ("present", ["imported"]), ("present", []), ("present", []),
                                  ("refreshed", []), ("removed", ["removed"]), ("absent", [])])
        self.assertEqual(done.returncode, 0)
        self.assertEqual((self.world.entries(), self.world.keys()), ([], []))
        for answer in self.answers(done)[1:5]:
            self.assertEqual(answer["nonce"], base64.b64encode(self.nonce).decode())
            self.assertTrue(self.proves(answer))
            self.assertFalse(self.proves(answer, nonce=os.urandom(32)))
            self.assertFalse(self.proves(answer, server="ex2.contoso.test"))
            self.assertFalse(self.proves(answer | {"operation": "forget"}))
        # What a name or the computer says is in no answer, and neither is a secret.
        self.assertNotIn(PASSWORD.encode(), done.stdout)

    def test_a_failure_is_told_and_ends_with_1(self):
        done = self.run_lines(self.brought() + self.order("import", password="wrong"))
        [answer] = self.answers(done)
        self.assertEqual((done.returncode, answer["state"], answer["signature"]), (1, "failed", ""))
        self.assertIn("could not import the PFX: ", answer["message"])
        self.assertEqual((self.world.entries(), self.world.keys()), ([], []))

    def test_a_stream_that_is_cut_does_nothing(self):
        """Anywhere in the script, and between and in the lines of an order. The order by its lines is cut in import.ps1's own
        tests, without starting a PowerShell for each."""
        whole = "".join(f"{line}\n" for line in self.brought() + self.order("import")).encode()
        script = len("authcert-1\n") + len(self.brought()[1])
        last = len(whole) - len(self.order("import")[-1]) - 1
        for cut in (0, 5, 11, 400, script // 2, script - 400, script - 4, script - 3, script + 1, last - 3000, last, len(whole) - 3):
            with self.subTest(cut=cut):
                done = powershell.run("-EncodedCommand", powershell.encoded(BOOTSTRAP), input=whole[:cut],
                                      AUTHCERT_WORLD=str(self.world.folder))
                self.assertEqual(done.returncode, 1)
                self.assertEqual({answer["state"] for answer in self.answers(done)} - {"failed"}, set())
                self.assertEqual(self.world.calls(), [])

    def test_constrained_language_mode_is_refused(self):
        for name, bootstrap in (("at once", BOOTSTRAP), ("by the script", BOOTSTRAP.replace("if($Execution", "if(0 -and $Execution"))):
            with self.subTest(name):
                done = self.run_lines(self.brought() + self.order("import"),
                                      bootstrap="$ExecutionContext.SessionState.LanguageMode='ConstrainedLanguage'\n" + bootstrap)
                self.assertEqual(done.returncode, 1)
                if name == "at once":
                    self.assertEqual(done.stdout, b'authcert-1 {"state":"constrained"}\n')
                self.assertEqual(self.world.calls(), [])

    def test_as_a_file(self):
        file = self.scratch / "import.ps1"
        file.write_text(self.world.script())
        lines = "".join(f"{line}\r\n" for line in ["authcert-1", *self.order("import")]).encode()

        def started(data):
            return powershell.run("-File", file, input=data, AUTHCERT_WORLD=str(self.world.folder))

        for wrong in (b"", b"authcert-1\n", b"authcert-2\n" + lines, lines[11:]):
            done = started(wrong)
            self.assertEqual((done.returncode, done.stdout, done.stderr), (1, b"", b""))
        self.assertEqual(self.world.calls(), [])
        done = started(lines)
        [answer] = self.answers(done)
        self.assertEqual((done.returncode, answer["state"]), (0, "present"))
        self.assertTrue(self.proves(answer))


    def events(self, script):
        """What lands in the event log, with every kind of logging on, while the script imports."""
        log, dev, settings = self.scratch / "log", self.scratch / "dev", self.scratch / "settings.json"
        settings.write_text(json.dumps(EVERY_EVENT))
        dev.mkdir(exist_ok=True)
        log.unlink(missing_ok=True)
        events = []
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
            listener.bind(str(log))

            def listen():
                while event := listener.recv(1 << 20):
                    events.append(event)

            thread = threading.Thread(target=listen)
            thread.start()
            try:
                lines = ["authcert-1", powershell.line(script), *self.order("import")]
                done = powershell.run("-SettingsFile", settings, "-EncodedCommand", powershell.encoded(BOOTSTRAP),
                                      prefix=["unshare", "--mount", "sh", "-c", OWN_LOG.format(dev=dev, log=log), "sh"],
                                      input="".join(f"{line}\n" for line in lines).encode(), AUTHCERT_WORLD=str(self.world.folder))
            finally:
                with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as last:
                    last.sendto(b"", str(log))
                thread.join()
        self.assertEqual(self.answers(done)[0]["state"], "present")
        return b"\n".join(events)

    def test_no_secret_reaches_the_event_log(self):
        secrets = [PASSWORD, powershell.line(PASSWORD), powershell.line(self.pfx)[:60], ", ".join(map(str, self.pfx[:12])),
                   " ".join(map(str, self.pfx[:12]))]
        script = self.world.script()
        logged = self.events(script)
        self.assertIn(b"Creating Scriptblock text", logged)
        self.assertIn(b"ParameterBinding(New-Object)", logged)
        for secret in secrets:
            self.assertNotIn(secret.encode(), logged)
        # The search would find one: a command that is given the password.
        self.world = powershell.World(self.scratch / "other", SERVER)
        begin = "function Invoke-Import {\n"
        self.assertIn(begin, script)
        self.assertIn(PASSWORD.encode(), self.events(script.replace(begin, begin + "    [void] (Write-Output $Order.Password)\n")))


if __name__ == "__main__":
    unittest.main()
