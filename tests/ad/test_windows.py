"""method = winrm on a real domain controller: key pairs go to servers that speak WinRM, by Kerberos, and count as there
only by proof. The servers are tests/bed/winrm, whose Kerberos is Heimdal; what plays PowerShell behind them does what
windows/import.ps1 does, with the key that it was given.
"""

import json
import unittest
from pathlib import Path

import ad
import exchange
import pki
import renewal
import winrm

NAMES = ["ex1.contoso.test", "ex2.contoso.test", "ex3.contoso.test"]
SENT = 6  # round trips of a look: log-in, Create, Command, Send, Receive, Delete


def reasons(seen):
    return {reason["id"]: reason["text"] for reason in seen.report["decision"]["reasons"]}


def servers(seen):
    return sorted(seen.report["servers"], key=lambda server: server["fqdn"])


def words(seen, slot="current"):
    return [server["proof"] and server["proof"][slot] for server in servers(seen)]


class Case(unittest.TestCase):
    names = NAMES

    @classmethod
    def setUpClass(cls):
        cls.current = pki.auth_certificate(400)
        servers = [exchange.Server(name.split(".")[0].upper()) for name in cls.names]
        cls.forest = cls.enterClassContext(ad.Forest([exchange.Organization(servers=servers, current=cls.current)]))
        cls.organization = cls.forest.organizations[0]
        cls.servers = cls.enterClassContext(winrm.Servers(cls.forest, cls.names))

    def setUp(self):
        for name in self.names:
            self.servers.misbehave(name)
            for entry in self.servers.store(name).folder.iterdir():
                entry.unlink()
        self.servers.log(forget=True)

    def agent(self, current=None, mode="renew", windows=None, delivery=None, **sections):
        if current is not None:
            self.forest.replace(self.organization.auth_dn, msExchAuthCertificateData=[current.der],
                                **{renewal.THUMBPRINTS: ["0:" + current.thumbprint], renewal.DATE: []})
        return self.forest.program(
            policy={"mode": mode}, state={"key_password": "none"}, delivery={"method": "winrm", **(delivery or {})},
            windows={"keytab": self.servers.account.keytab, "timeout": "30s", **(windows or {})}, **sections)

    def put(self, name, certificate, **changes):
        """As if the key pair had been imported there by hand."""
        store = self.servers.store(name)
        store.write(certificate.thumbprint, {"certificate": certificate.pem.decode(), "key": certificate.key_pem.decode(),
                                             "provider": winrm.stand_in.PROVIDER, "type": 24, "exportable": True,
                                             "access": True, **changes})

    def slots(self):
        return [value.decode() for value in self.forest.read(self.organization.auth_dn, renewal.THUMBPRINTS)]


@ad.required
class Delivery(Case):
    def test_the_whole_way(self):
        """A new key pair is made, brought to each server, proved there, staged, activated; each night proves it anew."""
        current = pki.auth_certificate(21)
        agent = self.agent(current)
        seen = agent.run("run", json=True)
        self.assertEqual(seen.status, 0, seen)
        self.assertEqual([(done["act"], done["result"]) for done in seen.report["done"]],
                         [("deliver", "ok"), ("stage", "ok")], seen)
        made = seen.report["certificates"]["next"]["thumbprint"]
        self.assertEqual(sorted(self.slots()), ["0:" + current.thumbprint, "2:" + made])
        self.assertEqual(words(seen, "next"), ["proved"] * 3)
        for name in NAMES:
            entry = self.servers.store(name).read(made)
            self.assertEqual((entry["type"], entry["exportable"], entry["access"]), (24, True, True))
        actions = [line["action"] for line in self.servers.log() if line["server"] == NAMES[0] and "action" in line]
        self.assertEqual(actions, ["Create", "Command", "Send", "Receive", "Delete"] * 3)  # look, rehearsal, import
        check = agent.run("check", json=True)
        self.assertEqual(words(check, "next"), ["proved"] * 3)
        self.assertEqual(words(check), ["absent"] * 3)

    def test_nothing_secret_is_left(self):
        """Neither on this host, nor in what a server could log of the command line."""
        agent = self.agent(pki.auth_certificate(21))
        seen = agent.run("run", json=True)
        made = seen.report["certificates"]["next"]["thumbprint"]
        key = self.servers.store(NAMES[0]).read(made)["key"].split("\n")[3]
        for path in Path(agent.folder).rglob("*"):
            if path.is_file() and path.suffix != ".key":
                self.assertNotIn(key.encode(), path.read_bytes(), path)
        self.assertNotIn(key, seen.stdout + seen.stderr)

    def test_one_server_fails(self):
        """It is not counted, and the next run goes on where this one ended, with the same key pair."""
        current = pki.auth_certificate(21)
        agent = self.agent(current, delivery={"confirm": "all"})
        self.servers.misbehave(NAMES[1], disk_full=True)
        seen = agent.run("run", json=True)
        self.assertEqual(seen.status, 1, seen)
        self.assertIn("not enough space on the disk", seen.stderr)
        self.assertEqual(self.slots(), ["0:" + current.thumbprint])
        self.servers.misbehave(NAMES[1])
        seen = agent.run("run", json=True)
        self.assertEqual(seen.status, 0, seen)
        made = seen.report["certificates"]["next"]["thumbprint"]
        self.assertEqual([sorted(path.stem for path in self.servers.store(name).folder.iterdir()) for name in NAMES],
                         [[made]] * 3)


@ad.required
class Proof(Case):
    def check(self, agent):
        seen = agent.run("check", json=True)
        return seen

    def test_presence_by_proof(self):
        agent = self.agent(self.current, mode="monitor")
        for name in NAMES:
            self.put(name, self.current)
        seen = self.check(agent)
        self.assertEqual((seen.status, words(seen)), (0, ["proved"] * 3), seen)
        self.assertEqual([server["current"] for server in servers(seen)], ["present"] * 3)
        self.assertIn("proved", agent.run("check").stdout)

    def test_a_proof_ends_the_silence(self):
        """As a good document does: three nights without any are told, and the first proof is the end of it."""
        agent = self.agent(self.current, mode="monitor")
        for name in NAMES:
            self.servers.misbehave(name, status=500)
        agent.run("run")
        path = agent.state / "history.json"
        history = json.loads(path.read_text())
        self.assertEqual((history["silence"]["nights"], len(history["silence"]["servers"])), (1, 3), history)
        history["silence"].update(nights=2, night="2020-01-01T00:00:00Z")
        path.write_text(json.dumps(history))
        seen = agent.run("run", json=True)
        self.assertEqual(seen.report["status"], "warning", seen)
        self.assertIn("servers-silent", reasons(seen))
        self.assertIn("silent_since_timestamp_seconds{", agent.run("--format", "prometheus", "check").stdout)
        for name in NAMES:
            self.servers.misbehave(name)
            self.put(name, self.current)
        seen = agent.run("run", json=True)
        self.assertEqual(seen.report["status"], "ok", seen)
        self.assertNotIn("silent_since_timestamp_seconds{", agent.run("--format", "prometheus", "check").stdout)

    def test_findings(self):
        """What is there and cannot be used is told, with what repairs it."""
        agent = self.agent(self.current, mode="monitor")
        for change, word in (({"key": None}, "no-key"), ({"type": 0, "provider": "CNG"}, "wrong-provider"),
                             ({"exportable": False}, "not-exportable"), ({"access": False}, "no-access")):
            with self.subTest(word):
                for name in NAMES:
                    self.put(name, self.current)
                self.put(NAMES[2], self.current, **change)
                seen = self.check(agent)
                self.assertEqual((seen.status, words(seen)), (1, ["proved", "proved", word]), seen)
                self.assertEqual(servers(seen)[2]["current"], "missing")
                self.assertIn(NAMES[2], reasons(seen)[f"{word}-current"])
                self.assertIn("authcert deliver", reasons(seen)[f"{word}-current"])
                self.assertNotIn("missing-current", reasons(seen))
                self.assertIn(word, agent.run("check").stdout)

    def test_nothing_else_counts(self):
        """However a server answers without a good signature: never present."""
        agent = self.agent(self.current, mode="monitor")
        liars = {
            "exit 0 and nothing": {"stdout": "", "exit": 0},
            "nothing but noise": {"stdout": "present\r\nex1.contoso.test present\r\n"},
            "no signature": {"change": [{"signature": ""}]},
            "rubbish for a signature": {"change": [{"signature": "AAAA"}]},
            "another nonce": {"change": [{"nonce": "A" * 43 + "="}]},
            "another server's": {"change": [{"server": NAMES[1]}]},
            "another operation": {"change": [{"operation": "import"}]},
            "an unknown state": {"change": [{"state": "splendid"}]},
            "a state of another kind": {"change": [{"state": "refreshed", "signature": ""}]},
            "no envelope": {"says": "<html/>"},
            "a document type": {"says": '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'},
            "an answer to another request": {"relates": "uuid:00000000-0000-0000-0000-000000000000"},
            "unsealed": {"unsealed": True},
            "no proof of who it is": {"no_proof": True},
            "damaged": {"damage": 400},
        }
        for what, behaviour in liars.items():
            with self.subTest(what):
                for name in NAMES:
                    self.put(name, self.current)
                self.servers.misbehave(NAMES[0], **behaviour)
                seen = self.check(agent)
                self.assertEqual(words(seen), ["unknown", "proved", "proved"], seen)
                self.assertNotEqual(servers(seen)[0]["current"], "present", seen)
                self.assertIn(NAMES[0], reasons(seen)["unproved"])

    def test_signed_by_another_key(self):
        agent = self.agent(self.current, mode="monitor")
        other = pki.auth_certificate(400, key=pki.new_key("rsa2048"))
        self.put(NAMES[0], self.current, key=other.key_pem.decode())
        self.assertEqual(words(self.check(agent))[0], "unknown")

    def test_replayed(self):
        """An honest answer of yesterday proves nothing today."""
        agent = self.agent(self.current, mode="monitor")
        self.put(NAMES[0], self.current)
        order = winrm.stand_in.Order([b"look", self.current.thumbprint.encode(), b"", b"n" * 32, NAMES[0].encode(), b"", b"",
                                        b"", b"done"])
        answer = winrm.stand_in.answer(self.servers.folder / NAMES[0], NAMES[0], order, {})
        self.servers.misbehave(NAMES[0], stdout="authcert-1 " + json.dumps(answer) + "\r\n")
        self.assertEqual(words(self.check(agent))[0], "unknown")

    def test_among_noise(self):
        """The line is found whatever stands around it, in pieces or whole."""
        agent = self.agent(self.current, mode="monitor")
        self.put(NAMES[0], self.current)
        clixml = '#< CLIXML\r\n<Objs><Obj S="progress"><S S="Error">no_x000D__x000A_</S></Obj></Objs>'
        for behaviour in ({"noise": "Active code page: 65001\u00e9 authcert-1 {}"}, {"stderr": clixml}, {"split": 7},
                          {"split": 1000}, {"patience": 3}, {"chunked": True}, {"frame": "no-tab"}, {"frame": "extra-line"},
                          {"frame": "blank-boundary"}, {"rotate": 0}, {"exit": 1}):
            with self.subTest(behaviour):
                self.servers.misbehave(NAMES[0], **behaviour)
                self.assertEqual(words(self.check(agent))[0], "proved")


FAULTS = {  # Windows' number of a refusal, at which request: what is told
    (5, "Create"): "local Administrators", (2147942405, "Create"): "local Administrators",
    (2150859180, "Create"): "AllowRemoteShellAccess", (2150859235, "Create"): "AllowRemoteAccess",
    (2150859173, "Create"): "too many remote shells", (2150859237, "Create"): "too many remote shells",
    (2150859174, "Command"): "quota", (2150858815, "Command"): "quota", (2150858843, "Receive"): "ended meanwhile",
    (2147942414, "Create"): "MaxMemoryPerShellMB", (2147943418, "Create"): "profile", (995, "Receive"): "from outside",
    (2150858817, "Send"): "does not understand", (4711, "Create"): "it refuses",
}
ODD = {  # what else may answer at the port: what is told
    "IIS": ({"status": 404}, "no WinRM"), "forbidden": ({"status": 403}, "no WinRM"), "no proxy": ({"status": 502}, "HTTP 502"),
    "busy": ({"status": 503}, "busy"), "restarting": ({"status": 400}, "does not understand the request"),
    "no limit": ({"status": 413}, "too large"), "mute": ({"status": 500}, "without a reason"),
    "Basic alone": ({"offers": ["Basic realm=WSMAN"]}, "takes no Kerberos"), "forgets": ({"forgets": True}, "lost"),
    "endless": ({"huge": 1 << 30}, "longer than any"), "lost at once": ({"drop": "Create"}, "connection was lost"),
    "lost on the way": ({"lose": "Send"}, "connection was lost"), "constrained": ({"constrained": True}, "Constrained Language Mode"),
    "an alias": ({"change": [{"state": "failed", "message": "this computer is ex9"}]}, "this computer is ex9"),
    "never ends": ({"never_ends": True}, "was not done within"), "silent": ({"stdout": "", "stderr": ""}, "no answer"),
    "says why": ({"stdout": "", "stderr": "Access is denied."}, "Access is denied"),
    "in its XML": ({"stdout": "", "stderr": '#< CLIXML <Objs><S S="Error">no_x000D__x000A_room</S></Objs>'}, "no  room"),
}


@ad.required
class Refusals(Case):
    """Each ends as a sentence with the server's name; none ends as present. Three at a time."""

    def tell(self, cases, **windows):
        agent = self.agent(self.current, mode="monitor", windows=windows)
        cases = list(cases)
        for at in range(0, len(cases), len(NAMES)):
            batch = dict(zip(NAMES, cases[at:at + len(NAMES)]))
            for name, (_, behaviour, _) in batch.items():
                self.put(name, self.current)
                self.servers.misbehave(name, **behaviour)
            seen = agent.run("doctor")
            report = agent.run("check", json=True).report
            self.assertNotIn("proved", [server["proof"]["current"] for server in report["servers"]
                                        if server["fqdn"] in batch], batch)
            for name, (what, _, said) in batch.items():
                with self.subTest(what):
                    lines = [line for line in seen.stdout.splitlines() if name in line]
                    self.assertTrue([line for line in lines if said in line], f"{said}\n{seen}")

    def test_faults(self):
        self.tell((f"{code} {form}", {"fault": {action: code}, "fault_form": form}, said)
                  for (code, action), said in FAULTS.items() for form in ("wsman", "wmi") if form == "wsman" or code == 5)

    def test_odd_peers(self):
        self.tell(((what, behaviour, said) for what, (behaviour, said) in ODD.items()), timeout="4s")

    def test_nobody_is_there(self):
        agent = self.agent(self.current, mode="monitor")
        self.servers.stop()
        try:
            seen = agent.run("doctor")
            self.assertEqual(seen.stdout.count("winrm enumerate winrm/config/listener"), len(NAMES), seen)
        finally:
            self.servers.start()

    def test_cut_anywhere(self):
        """An answer that ends too soon is none, wherever it ends."""
        self.put(NAMES[0], self.current)
        agent = self.agent(self.current, mode="monitor")
        for cut in (0, 1, 20, 100, 250, 300, 320, 400, 900):
            with self.subTest(cut=cut):
                self.servers.misbehave(NAMES[0], cut=cut)
                self.assertEqual(words(agent.run("check", json=True))[0], "unknown")

    def test_what_a_server_has_forgotten(self):
        """A log-in that the server forgets once is made again, and the message goes out again: it had no effect."""
        agent = self.agent(self.current, mode="monitor")
        self.put(NAMES[0], self.current)
        self.servers.misbehave(NAMES[0], forgets=True, once=True)
        self.assertEqual(words(agent.run("check", json=True))[0], "proved")


@ad.required
class Names(Case):
    """Whose ticket is taken: WSMAN's, then HOST's, then HTTP's."""
    names = ["ex4.contoso.test", "ex5.contoso.test"]

    def test_no_wsman(self):
        agent = self.agent(self.current, mode="monitor")
        holder = f"CN=svc-{self.servers.account_name},{ad.USERS}"
        other = self.forest.service_account("svc-web", servicePrincipalName=[f"HTTP/{self.names[1]}"])
        self.assertTrue(other.sid)
        self.forest.replace(holder, servicePrincipalName=[f"HOST/{self.names[0]}"])
        for name in self.names:
            self.put(name, self.current)
        seen = agent.run("doctor")
        self.assertIn(f"{self.names[0]}: logged in by HOST", seen.stdout, seen)
        self.assertIn("takes no ticket", seen.stdout, seen)
        self.assertIn(f"setspn -Q WSMAN/{self.names[1]}", seen.stdout, seen)
        self.forest.replace(f"CN=svc-web,{ad.USERS}", servicePrincipalName=[])
        seen = agent.run("doctor")
        self.assertIn(f"{self.names[1]}: Active Directory knows no service WSMAN, HOST or HTTP", seen.stdout, seen)


@ad.required
class Https(Case):
    names = ["ex6.contoso.test"]

    def test_tls_with_a_binding(self):
        """The server takes only what is bound to its certificate; the certificate has to be trusted and its own."""
        name = self.names[0]
        folder = self.servers.folder / name
        made = pki.authority().server(name)
        (folder / "tls.pem").write_bytes(made.pem + made.key_pem)
        ca = self.forest.path("windows-ca.pem")
        Path(ca).write_bytes(pki.authority().pem)
        self.servers.stop()
        self.servers.start()
        self.put(name, self.current)
        agent = self.agent(self.current, mode="monitor", windows={"transport": "https", "ca_file": ca})
        self.assertEqual(words(agent.run("check", json=True)), ["proved"])
        self.assertEqual([line["action"] for line in self.servers.log(forget=True) if "action" in line],
                         ["Create", "Command", "Send", "Receive", "Delete"])
        agent.change("windows", ca_file=None)
        self.assertIn("is not trusted", agent.run("doctor").stdout)
        # Something between that shows another certificate of a CA that is trusted: the log-in does not fit it.
        (folder / "bound").write_text("another")
        self.servers.stop()
        self.servers.start()
        agent.change("windows", ca_file=ca)
        seen = agent.run("doctor")
        self.assertIn("CbtHardeningLevel", seen.stdout, seen)
        (folder / "bound").unlink()


@ad.required
class Refresh(Case):
    def test_after_a_certificate_became_current(self):
        """Only on servers that prove the new key; and `authcert refresh` does the rest."""
        current, following = pki.auth_certificate(40), pki.auth_certificate(400, key=pki.new_key("rsa2048"))
        agent = self.agent(current, windows={"refresh": "yes"})
        self.forest.replace(self.organization.auth_dn, msExchAuthCertificateData=[current.der, following.der],
                            **{renewal.THUMBPRINTS: ["0:" + current.thumbprint, "2:" + following.thumbprint],
                               renewal.DATE: "20990101000000.0Z"})
        for name in NAMES:
            self.put(name, current)
            self.put(name, following)
        agent.run("run")
        self.assertEqual(self.refreshed(), {})
        self.put(NAMES[2], following, key=None)
        self.forest.replace(self.organization.auth_dn, **{renewal.DATE: "20200101000000.0Z"})
        seen = agent.run("run", json=True)
        done = {one["act"]: one for one in seen.report["done"]}
        self.assertEqual((done["activate"]["result"], done["refresh"]["result"]), ("ok", "failed"), seen)
        self.assertEqual(self.refreshed(), {name: [following.thumbprint] for name in NAMES[:2]})
        self.assertIn(f"{NAMES[2]}: no-key", done["refresh"]["detail"])
        self.put(NAMES[2], following)
        self.assertEqual(agent.run("refresh", NAMES[2]).status, 0)
        self.assertEqual(self.refreshed()[NAMES[2]], [following.thumbprint])
        self.assertEqual(len(self.refreshed()[NAMES[0]]), 1)
        agent.run("run")  # all is done: nothing is restarted once more
        self.assertEqual([len(times) for times in self.refreshed().values()], [1, 1, 1])
        self.assertEqual(agent.run("refresh", "ex9.contoso.test").status, 2)
        dry = agent.run("refresh", "--dry-run")
        self.assertIn(f"On {NAMES[0]} the services would begin", dry.stdout)

    def refreshed(self):
        found = {}
        for name in NAMES:
            path = self.servers.folder / name / "refreshed"
            if path.exists():
                found[name] = [line.split()[1] for line in path.read_text().splitlines()]
        return found


if __name__ == "__main__":
    unittest.main()
