"""Rights on a real domain controller: an account with nothing, to which exactly what `doctor` prints is granted, can do
all that the mode asks for and nothing else. The class descriptors are Exchange's: nobody but its own groups may read."""

import base64
import re
import unittest
from pathlib import Path

import ad
import controller
import exchange
import pki
import renewal
import schema

CLOSED = "D:(A;;RPWPCRCCDCLCLORCWOWDSDDTSW;;;DA)(A;;RPWPCRCCDCLCLORCWOWDSDDTSW;;;SY)"
RIGHTS = ("allowedAttributesEffective", "allowedChildClassesEffective", "sDRightsEffective")
READ_ONLY = "D:P(A;;RPLCRC;;;AU)(A;;RPWPCRCCDCLCLORCWOWDSDDTSW;;;DA)"
RECOVERY = pki.auth_certificate(7000, key="rsa3072", subject="authcert recovery")
SECURITY = Path(__file__).resolve().parent.parent.parent / "docs/security.md"
# dsacls as its own help has it: "Object" [/I:TSP] /G "Account:Rights[;Object type or property[;Inherited object type]]"
DSACLS = re.compile(r'dsacls "[^"%]+"( /I:[TSP])? /G "[^":;%]+[@\\][^":;%]+:((?:GR|GE|GW|GA|SD|DT|RC|WD|WO|LC|CC|DC|WS|RP|WP'
                    r'|CA|LO)+)(;[A-Za-z-]+(;[A-Za-z-]+)?)?"')


class Forest(ad.Forest):
    """Its organizations are hidden from ordinary users, as Exchange's are."""

    def _load(self):
        self.dc[0].database("ldbmodify", "".join(
            f"dn: CN={name},{schema.SCHEMA}\nchangetype: modify\nreplace: defaultSecurityDescriptor\n"
            f"defaultSecurityDescriptor: {CLOSED}\n\n" for name in schema.CLASSES))
        super()._load()


class Bed(renewal.Bed):
    def __init__(self, forest, account, **options):
        super().__init__(current=None, executable=forest.executable(), **options)
        self.directory, self.organization, self.account = forest, forest.organizations[0], account

    def __enter__(self):
        self.program = self.agent()
        return self

    def __exit__(self, *_):
        for program in self.programs:
            program.close()

    def agent(self):
        program = super().agent()
        program.change("directory", bind_dn=self.account.dn, password_file=self.account.password_file)
        program.change("state", recovery_certificate=program.file("recovery.crt", RECOVERY.pem))
        return program


class Case(unittest.TestCase):
    maxDiff = None
    name = "Müller, Söhne + Co's"
    before = {}  # what every user of the domain may do

    def setUp(self):
        organization = exchange.Organization(name=self.name, current=pki.auth_certificate(21),
                                             servers=exchange.servers(3, sites=2))
        self.forest = self.enterContext(Forest([organization], rights=False))
        self.organization = organization
        self.account = self.forest.service_account("svc-new")
        self.bed = self.enterContext(Bed(self.forest, self.account))

    def mode(self, mode):
        self.bed.program.change("policy", mode=mode)

    def doctor(self):
        """The findings about rights as {what: "verdict text"} and the commands that were printed."""
        text = self.bed.program.run("doctor").stdout
        found = {}
        for line in text.splitlines():
            if finding := re.match("(ok|warning|FAILED) +([^:]+): (.*)", line):
                found.setdefault(finding[2], []).append(f"{finding[1]} {finding[3]}")
        lines = [line.strip() for line in text.splitlines() if line.startswith("    ")]
        return text, found, lines

    def type(self, lines, words=("samba-tool",)):
        """Types what was printed for Samba, as it stands, on the domain controller."""
        typed = [line for line in lines if line.startswith(words)]
        self.assertTrue(typed)
        environment = {**controller.ENVIRONMENT, "SMB_CONF_PATH": str(self.forest.dc[0].settings),
                       "HOME": str(self.forest.folder)}
        for line in typed:
            line = line.replace("/var/lib/samba", str(self.forest.dc[0].folder))
            done = self.forest.inside("sh", "-c", f"cd '{self.forest.folder}'; {line}", env=environment)
            self.assertEqual((done.returncode, "rror" in done.stderr), (0, False), line + done.stdout + done.stderr)
        return typed

    def grant_for_monitor(self):
        self.mode("monitor")
        _, found, lines = self.doctor()
        self.assertIn("lacks Read Property and List Contents on CN=", found["read rights"][0])
        self.assertEqual(len(self.type(lines)), 1)

    def grant_for_renew(self):
        self.mode("renew")
        _, found, lines = self.doctor()
        self.assertRegex(found["write rights"][0], f"FAILED .* lacks Write Property on {ad.WRITTEN[0]} and {ad.WRITTEN[1]} of ")
        self.assertRegex(found["records"][0], "warning the account may not add one")
        self.assertEqual(len(self.type(lines)), 4)

    def writable(self):
        """{dn: (attributes, classes, rights on its access list)} of all of the partition that the account may change."""
        seen = self.forest.search(exchange.CONFIGURATION, attributes=RIGHTS, user=self.account.name)
        self.assertGreater(len(seen), 1000)
        found = {}
        for dn, values in seen.items():
            attributes, classes, access = (sorted(value.decode() for value in values.get(name, [])) for name in RIGHTS)
            if attributes or classes or access not in ([], ["0"]):
                found[dn] = (attributes, classes, access)
        return {dn: rights for dn, rights in found.items() if self.before.get(dn) != rights}

    def refused(self, ldif):
        with self.assertRaises(RuntimeError) as caught:
            self.forest.modify(ldif, user=self.account.name)
        self.assertRegex(str(caught.exception), r"Insufficient access|No such object")

    def dn(self, name):
        return "dn:: " + base64.b64encode(name.encode()).decode() + "\n"

    def assert_writes_refused(self):
        server = next(iter(self.forest.search(self.organization.dn, "(objectClass=msExchExchangeServer)", ["1.1"])))
        for name, attribute, value in ((self.organization.auth_dn, "msExchAuthRealm", "x"),
                                       (self.organization.auth_dn, "msExchAuthCertificateData", "x"),
                                       (self.organization.auth_dn, "description", "x"),
                                       (self.organization.dn, "description", "x"), (server, "networkAddress", "x"),
                                       (ad.CONTAINER, "description", "x"), (exchange.SERVICES, "description", "x")):
            self.refused(self.dn(name) + f"changetype: modify\nreplace: {attribute}\n{attribute}: {value}\n-\n")
        for name, kind in ((f"CN=x,{self.organization.dn}", "container"), (f"CN=x,{self.organization.auth_dn}", "container"),
                           (f"CN=x,{ad.CONTAINER}", "container"), (f"CN=x,{exchange.SERVICES}", "msDS-AppData")):
            self.refused(self.dn(name) + f"changetype: add\nobjectClass: {kind}\n")
        for name in (self.organization.auth_dn, server, ad.CONTAINER):
            self.refused(self.dn(name) + "changetype: delete\n")

    def acts(self, seen):
        self.assertEqual(seen.status, 0, seen)
        return [(done["act"], done["result"]) for done in seen.report["done"]]


@ad.required
class Rights(Case):
    def test_monitor(self):
        self.before = self.writable()
        self.assertFalse([dn for dn in self.before if "CN=WellKnown Security Principals" not in dn], self.before)
        self.assertEqual(self.bed.program.run("check").status, 3)
        self.grant_for_monitor()
        text, found, lines = self.doctor()
        self.assertEqual(lines, [], text)
        self.assertIn(f"ok {self.account.name}@contoso.test, {self.account.sid}", found["account"])
        self.assertIn("ok the auth configuration and 3 servers can be read", found["read rights"])
        self.assertIn("ok none, and mode monitor needs none", found["write rights"])
        self.assertEqual(self.writable(), {})
        self.assert_writes_refused()
        for command in ("check", "run"):
            report = self.bed.program.run(command, json=True).report
            self.assertEqual((report["organization"], len(report["servers"])), (self.name, 3))
            self.assertNotEqual(report["certificates"]["current"]["source"], "unknown")

    def test_renew(self):
        self.before = self.writable()
        self.grant_for_monitor()
        self.grant_for_renew()
        text, found, lines = self.doctor()
        self.assertEqual(lines, [], text)
        self.assertNotIn("too many rights", found)
        self.assertTrue(found["write rights"][0].startswith("ok Write Property on "), text)
        allowed = {self.organization.auth_dn: (sorted(ad.WRITTEN), [], ["0"]),
                   ad.CONTAINER: ([], ["msDS-AppData"], ["0"])}
        self.assertEqual(self.writable(), allowed)
        self.assert_writes_refused()

        self.assertEqual(self.acts(self.bed.run("run")), [("deliver", "ok"), ("stage", "ok")])
        seen = self.bed.program.run("run")
        self.assertEqual((seen.status, "was not written" in seen.stdout, "was not added" in seen.stdout), (0, False, False), seen)
        self.assertEqual(self.acts(self.bed.run("run")), [])
        self.assertEqual(self.acts(self.bed.run("activate", "--now", "--yes")), [("activate", "ok")])
        self.assertEqual(self.acts(self.bed.run("retire", "--now", "--yes")), [("retire", "ok")])
        new = self.bed.slots()["0"]
        record = f"CN={new},{ad.CONTAINER}"
        self.assertEqual(len(self.forest.read(record, "msDS-ByteArray")), 2, "the certificate and the sealed pair")
        found = self.writable()
        self.assertIn("keywords", found.pop(record)[0])
        self.assertEqual(found, allowed)
        self.refused(self.dn(record) + "changetype: delete\n")
        self.assertNotIn("too many rights", self.doctor()[1])

    def test_servers_are_added_to_a_record_that_is_not_sealed(self):
        self.grant_for_monitor()
        self.grant_for_renew()
        self.bed.program.change("state", recovery_certificate=None)
        self.assertEqual(self.acts(self.bed.run("run")), [("deliver", "ok"), ("stage", "ok")])
        record = f"CN={self.bed.slots()['2']},{ad.CONTAINER}"
        before = sorted(self.forest.read(record, "keywords"))
        self.assertGreater(len(before), 1)
        # The container's list reaches its records: nothing else of the record may be written.
        self.assertEqual(self.writable()[record][0], ["keywords"])
        self.forest.replace(record, keywords=["authcert"])
        self.bed.run("run")
        self.assertEqual(sorted(self.forest.read(record, "keywords")), before)

        # Without it doctor says what is missing, and how to mend it.
        self.forest.dc[0].database("ldbadd", exchange.entry(f"CN={'F' * 40},{ad.CONTAINER}", "msDS-AppData",
                                                            keywords=["authcert"], nTSecurityDescriptor=READ_ONLY))
        _, found, lines = self.doctor()
        self.assertIn("warning to 1 of the 2 that can be seen the account may not add servers", " ".join(found["records"]))
        self.assertTrue([line for line in lines if "(OA;CIIO;WP;" in line], lines)

    def test_one_attribute_is_lacking(self):
        self.grant_for_monitor()
        self.mode("renew")
        self.forest.grant(self.organization.auth_dn, f"(OA;;WP;{schema.guid(ad.WRITTEN[0])};;{self.account.sid})")
        text, found, lines = self.doctor()
        self.assertIn(f"lacks Write Property on {ad.WRITTEN[1]} of ", found["write rights"][0])
        self.assertEqual([line for line in lines if str(schema.guid(ad.WRITTEN[0])) in line or ad.WRITTEN[0] in line], [], text)
        self.assertTrue([line for line in lines if str(schema.guid(ad.WRITTEN[1])) in line], text)

    def rehearse(self, status, **options):
        """It changes nothing."""
        before = self.forest.search(self.organization.auth_dn, attributes=["*", "uSNChanged"])
        seen = self.bed.program.run("recover", "--rehearse", **options)
        self.assertEqual(self.forest.search(self.organization.auth_dn, attributes=["*", "uSNChanged"]), before)
        self.assertEqual((seen.status, self.bed.keys(), self.bed.delivered()), (status, [], []), seen)
        return seen.stdout

    def test_the_rehearsal_grants_what_lacks_or_says_what_an_admin_would_write(self):
        self.grant_for_monitor()
        text = self.rehearse(1)
        self.assertRegex(text, f"FAILED +write rights: the account lacks Write Property on {ad.WRITTEN[0]} and {ad.WRITTEN[1]} of ")
        ldif = text[text.rindex("\ndn:") + 1:text.rindex("The emergency was rehearsed")].replace("THUMBPRINT", "A" * 40)
        self.forest.modify(ldif)
        self.assertEqual(self.bed.slots()["0"], "A" * 40)
        lines = [line.strip() for line in text.splitlines() if line.startswith("    ")]
        self.assertEqual(len([line for line in lines if DSACLS.fullmatch(line)]), 2, text)
        self.assertEqual(len(self.type(lines)), 2)
        self.assertRegex(self.rehearse(0), "(?m)^ok +clock: .* from the directory's$")
        self.assertRegex(self.rehearse(1, now=pki.now().timestamp() + 900), "FAILED +clock: the directory's clock is -")

    def test_too_many(self):
        """In mode monitor any right to write is one too many; in both what is needed nowhere."""
        self.grant_for_monitor()
        self.grant_for_renew()
        self.mode("monitor")
        _, found, lines = self.doctor()
        self.assertRegex(found["write rights"][0], "warning mode is monitor, but the account may write the auth configuration")
        self.assertIn("warning mode is monitor, but the account may write records", " ".join(found["records"]))
        self.assertEqual(lines, [])
        self.mode("renew")
        self.assertNotIn("too many rights", self.doctor()[1])
        self.forest.grant(self.organization.auth_dn, f"(A;;WPCCWD;;;{self.account.sid})")
        said = " ".join(self.doctor()[1]["too many rights"])
        for words in (self.organization.auth_dn, "adminDescription", "make objects in it", "access list"):
            self.assertIn(words, said)

    def test_the_container_is_made_as_printed(self):
        self.grant_for_monitor()
        self.forest.delete(ad.CONTAINER)
        self.mode("renew")
        _, found, lines = self.doctor()
        self.assertIn(f"warning there is no container {ad.CONTAINER}", found["records"][0])
        at = lines.index("dn: " + ad.CONTAINER)
        (self.forest.folder / "authcert.ldf").write_text("\n".join(lines[at:at + 4]) + "\n")
        self.assertIn("ldifde -i -f authcert.ldf", lines)
        self.assertEqual(len(self.type(lines, ("samba-tool", "ldbmodify"))), 5)
        text, _, lines = self.doctor()
        self.assertEqual(lines, [], text)
        self.assertEqual(self.writable()[ad.CONTAINER], ([], ["msDS-AppData"], ["0"]))
        self.assertEqual(self.acts(self.bed.run("run")), [("deliver", "ok"), ("stage", "ok")])
        self.assertTrue(self.forest.read(f"CN={self.bed.slots()['2']},{ad.CONTAINER}", "msDS-ByteArray"))


@ad.required
class Page(Case):
    """docs/security.md shows what doctor prints."""
    name = "Contoso"

    def test_commands_of_the_manual(self):
        manual = [line.strip() for line in SECURITY.read_text().splitlines() if re.match("    (dsacls|samba-tool) ", line)]
        _, found, printed = self.doctor()
        self.assertIn("FAILED mode is renew, but the account lacks", found["write rights"][0])
        self.assertEqual(len([line for line in printed if line.startswith("dsacls")]), 3, "all that is known to be lacking")
        self.mode("monitor")
        _, _, printed = self.doctor()
        self.grant_for_monitor()
        self.mode("renew")
        printed += self.doctor()[2]
        for tool in ("dsacls", "samba-tool"):
            known = {"GUID-OF-" + name: str(schema.guid(name)) for name in ad.WRITTEN}
            lines = [line for line in manual if line.startswith(tool)]
            for old, new in {**known, "svc-authcert": "svc-new", "SID-OF-THE-ACCOUNT": self.account.sid}.items():
                lines = [line.replace(old, new) for line in lines]
            self.assertEqual(lines, [line for line in printed if line.startswith(tool)])
        for line in printed:
            if line.startswith("dsacls"):
                self.assertRegex(line, f"^{DSACLS.pattern}$")


if __name__ == "__main__":
    unittest.main()
