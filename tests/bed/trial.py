"""One act tried again and again from the same beginning: what there was, what must never happen, what it came to.

    trial = Trial(case, bed, relay, ["run"])
    trial.remember()                 what there is now is what every trial begins with
    ... trial.restore(), something goes wrong, trial.check(), trial.again(), trial.check() ...
"""

import json
import shutil

import pki
import renewal
from cryptography import x509
from cryptography.hazmat.primitives import serialization

PASSWORD = b"correct horse battery staple"
ATTRIBUTES = (renewal.THUMBPRINTS, renewal.DATE)
MAIL = {"tls": "off", "from": "authcert@contoso.test", "to": "admins@contoso.test"}


def seen_since(bed, days):
    """The history has it that the present pair was seen so many days ago, so that its time to rest is over."""
    history = bed.history()
    history["pair"]["since"] = (pki.now() - pki.days(days)).strftime("%Y-%m-%dT%H:%M:%SZ")
    (bed.program.state / "history.json").write_text(json.dumps(history))


class Trial:
    """One act. `usable`: current can be used, and so must whatever is current at any time after."""

    def __init__(self, case, bed, relay, args, usable=True):
        self.case, self.bed, self.relay, self.args, self.usable = case, bed, relay, args, usable
        self.state, self.template = bed.program.state, bed.program.folder / "template"
        self.log = bed.program.folder / "delivered"
        self.names = {certificate.thumbprint: name for name, certificate in (
            ("current", bed.organization.current), ("previous", bed.organization.previous),
            ("next", bed.organization.next)) if certificate}

    # Before and between

    def remember(self):
        """What there is now is what every trial begins with."""
        shutil.copytree(self.state, self.template)
        found = next(iter(self.bed.directory.search(self.bed.organization.auth_dn, scope="base",
                                                    attributes=ATTRIBUTES).values()))
        self.attributes = {name: found.get(name, []) for name in ATTRIBUTES}
        self.slots = self.bed.slots()
        self.delivered = self.log.read_text() if self.log.exists() else ""
        self.kept = self.kept_now()
        for thumbprint in self.kept:
            self.names.setdefault(thumbprint, "kept")

    def restore(self):
        shutil.rmtree(self.state)
        shutil.copytree(self.template, self.state)
        self.bed.directory.replace(self.bed.organization.auth_dn, **self.attributes)
        self.log.write_text(self.delivered)
        self.relay.messages.clear()

    # What is there now

    def kept_now(self):
        """{thumbprint: suffix} of the kept keys, each proved to open and to be its certificate's."""
        folder = self.state / "keys"
        found = {}
        for path in sorted(folder.iterdir()) if folder.exists() else []:
            self.case.assertEqual(path.stat().st_mode & 0o777, 0o600, path)
            if path.name.startswith(".authcert-"):
                continue
            thumbprint, suffix = path.name.split(".")
            self.case.assertNotIn(thumbprint, found)
            text = path.read_bytes()
            certificate = x509.load_pem_x509_certificate(text)
            key = serialization.load_pem_private_key(text[text.index(b"-----BEGIN ENCRYPTED"):], PASSWORD)
            self.case.assertEqual(key.public_key().public_numbers(), certificate.public_key().public_numbers())
            self.case.assertEqual(pki.Certificate(certificate, key).thumbprint, thumbprint)
            found[thumbprint] = suffix
        return found

    def name(self, thumbprint):
        return self.names.get(thumbprint, "new") if thumbprint else ""

    def shape(self, seen):
        """What a run came to, with names for thumbprints, which differ from trial to trial."""
        history, report = self.bed.history(), seen.report
        self.case.assertEqual({name for name in self.bed.program.state.glob("*.damaged-*")}, set())
        return {
            "slots": {slot: self.name(thumbprint) for slot, thumbprint in self.bed.slots().items()},
            "date": (self.bed.date() or "")[:8],
            "kept": sorted((self.name(thumbprint), suffix) for thumbprint, suffix in self.kept_now().items()),
            "pair": (self.name(history["pair"]["current"]), self.name(history["pair"]["previous"])),
            "deliveries": sorted((self.name(one["thumbprint"]), one["server"], one["present"])
                                 for one in history["deliveries"]),
            "told": (history["told"]["status"], history["act_failed"], history["begun"]),
            "status": (report["status"], report["decision"]["id"], seen.status),
            "kept certificates": sorted(self.name(path.stem) for path in (self.state / "certificates").glob("*.der")
                                        if path.stem in self.bed.slots().values()),
            "outbox": [path.name for path in (self.state / "outbox").glob("*.json")],
        }

    # What must never happen

    def check(self, seen=None):
        case, slots, kept = self.case, self.bed.slots(), self.kept_now()
        delivered = {line.split()[0] for line in self.log.read_text().splitlines()} if self.log.exists() else set()
        for thumbprint in set(slots.values()) - set(self.slots.values()):
            case.assertIn(thumbprint, kept, "staged without its key")
            case.assertIn(thumbprint, delivered, "staged without a delivery")
        case.assertLessEqual(set(self.kept), set(kept), "a key was lost")
        case.assertLessEqual(len(set(kept) - set(self.kept)), 0 if self.candidate_kept() else 1, "more than one was made")
        case.assertIn("0", slots)
        if self.usable:
            case.assertIn(slots["0"], {self.slots["0"], self.slots.get("2")}, "current cannot be used")
        allowed = {"lock", "history.json", "last.json", "keys", "certificates", "imported", "outbox", "entra"}
        for path in self.state.iterdir():
            case.assertTrue(path.name in allowed or path.name.startswith(".authcert-"), path)

    def candidate_kept(self):
        return "candidate" in self.kept.values()

    def again(self):
        """The same again, and after a command that was typed the next night's run too."""
        for args in [self.args] + ([["run"]] if self.args[0] != "run" else []):
            seen = self.bed.run(*args)
            self.case.assertEqual(seen.status, 0, seen)
        return seen

    def told(self):
        """The names of the certificates that the messages so far speak of."""
        return {self.name(word) for message in self.relay.messages for word in message.body.split() if len(word) == 40}
