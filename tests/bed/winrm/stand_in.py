"""A stand-in for PowerShell with windows/import.ps1 on an Exchange server: takes the same lines, does the same to a store
that is a folder, and signs with the key that it was really given.

    run(folder, server, lines) -> (output, exit status)

A store's entry is THUMBPRINT.json: "certificate" and "key" (PEM; null: none), "provider", "type", "exportable", "access",
"ours". A test writes into it what is wrong with one.
"""

import base64
import json
import time
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import pkcs12

PROVIDER = "Microsoft Enhanced RSA and AES Cryptographic Provider"
ITEMS = 9
KEYS = ("operation", "server", "nonce", "state", "thumbprint", "message", "changed", "provider", "type", "keyspec",
        "exportable", "machine", "acl", "signature", "computer", "os", "ps", "host", "steps")
HOST = {"language": "FullLanguage", "administrator": True, "store": "writable", "provider": 24, "free_mb": 61234,
        "service": "running"}


class Order:
    def __init__(self, items):
        (operation, thumbprint, self.der, self.nonce, server, self.password, self.pfx, named, self.closing) = items
        self.operation, self.thumbprint = operation.decode(), thumbprint.decode()
        self.server, self.named = server.decode(), named.decode().split()


def orders(lines):
    items = [b"" if line == b"-" else base64.b64decode(line, validate=True) for line in lines]
    for at in range(0, len(items) - ITEMS + 1, ITEMS):
        order = Order(items[at:at + ITEMS])
        if order.closing != b"done":
            return
        yield order


class Store:
    def __init__(self, folder):
        self.folder = Path(folder) / "store"
        self.folder.mkdir(parents=True, exist_ok=True)

    def path(self, thumbprint):
        return self.folder / f"{thumbprint}.json"

    def read(self, thumbprint):
        path = self.path(thumbprint)
        return json.loads(path.read_text()) if path.exists() else None

    def write(self, thumbprint, entry):
        path = self.path(thumbprint)
        path.with_suffix(".new").write_text(json.dumps(entry))
        path.with_suffix(".new").rename(path)

    def remove(self, thumbprint):
        self.path(thumbprint).unlink(missing_ok=True)


def judge(entry):
    if entry is None:
        return "absent"
    if entry["key"] is None:
        return "no-key"
    if entry["type"] != 24:
        return "wrong-provider"
    if not entry["exportable"]:
        return "not-exportable"
    if not entry["access"]:
        return "no-access"
    return "present"


def sign(entry, order):
    key = serialization.load_pem_private_key(entry["key"].encode(), None)
    claim = b"\0".join([b"authcert-proof-1", order.operation.encode(), order.server.encode(), order.thumbprint.encode(),
                        order.nonce])
    return base64.b64encode(key.sign(claim, padding.PKCS1v15(), hashes.SHA256())).decode()


def take_in(store, order, behaviour):
    if behaviour.get("disk_full"):
        raise OSError("There is not enough space on the disk.")
    key, certificate, _ = pkcs12.load_key_and_certificates(order.pfx, order.password)
    found = certificate.fingerprint(hashes.SHA1()).hex().upper()
    if found != order.thumbprint or certificate.public_bytes(serialization.Encoding.DER) != order.der:
        raise ValueError("the PFX holds another certificate than it was sent for")
    store.write(found, {"certificate": certificate.public_bytes(serialization.Encoding.PEM).decode(),
                        "key": key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                                 serialization.NoEncryption()).decode(),
                        "provider": PROVIDER, "type": 24, "exportable": True, "access": True, "ours": True})


def do(store, folder, order, behaviour):
    """The state, what was changed, the message, steps."""
    entry = store.read(order.thumbprint)
    state = judge(entry)
    if order.operation == "look" and not order.thumbprint:
        return "ready", [], "", None
    if order.operation in ("import", "repair"):
        if state == "absent":
            take_in(store, order, behaviour)
            return judge(store.read(order.thumbprint)), ["imported"], "", None
        if state == "no-access":
            store.write(order.thumbprint, {**entry, "access": True})
            return "present", ["acl"], "", None
        if order.operation == "repair" and state != "present":
            store.remove(order.thumbprint)
            take_in(store, order, behaviour)
            return judge(store.read(order.thumbprint)), ["replaced", "imported"], "", None
    if order.operation == "refresh":
        if state != "present":
            return state, [], "", None
        with open(Path(folder) / "refreshed", "a") as file:
            file.write(f"{time.time()} {order.thumbprint}\n")
        return "refreshed", [], "", {name: word for name, word in behaviour.get("steps", {
            "MSExchangeServiceHost": "restarted", "MSExchangeOWAAppPool": "recycled",
            "MSExchangeECPAppPool": "recycled"}).items()}
    if order.operation == "forget":
        if order.thumbprint in order.named or (entry and not entry.get("ours")):
            return "failed", [], "the directory names it, or somebody else put it there", None
        store.remove(order.thumbprint)
        return "removed", ["removed"], "", None
    return state, [], "", None


def answer(folder, server, order, behaviour):
    store = Store(folder)
    out = dict.fromkeys(KEYS, "")
    out.update(operation=order.operation, server=order.server, nonce=base64.b64encode(order.nonce).decode(),
               thumbprint=order.thumbprint, changed=[], type=0, keyspec=0, exportable=False, machine=False, acl=False,
               computer=server, os="10.0.17763", ps="5.1.17763.1", host=None, steps=None)
    if order.server.lower() != server.lower():
        out.update(state="failed", message=f"this computer is {server}, not {order.server}")
        return out
    try:
        out["state"], out["changed"], out["message"], out["steps"] = do(store, folder, order, behaviour)
    except Exception as e:
        out.update(state="failed", message=str(e)[:400])
    if order.operation == "look":
        out["host"] = {**HOST, **behaviour.get("host", {})}
    entry = store.read(order.thumbprint) if order.thumbprint else None
    if entry:
        out.update(provider=entry["provider"], type=entry["type"], keyspec=1, machine=True,
                   exportable=entry["exportable"], acl=entry["access"])
    if out["state"] in ("present", "refreshed"):
        out["signature"] = sign(entry, order)
    return out


def run(folder, server, given, behaviour):
    lines = given.split(b"\n")
    if lines[-1] == b"":
        lines.pop()
    if behaviour.get("constrained"):
        return b'authcert-1 {"state":"constrained"}\r\n', 1
    if len(lines) < 2 or lines[0] != b"authcert-1" or b"authcert-1 {" not in base64.b64decode(lines[1]):
        return b'authcert-1 {"state":"failed","message":"the script did not arrive whole"}\r\n', 1
    said = [answer(folder, server, order, behaviour) for order in orders(lines[2:])]
    for change in behaviour.get("change", ()):  # what a liar or a fault makes of each answer
        said = [{**one, **change} for one in said]
    text = b"".join(b"authcert-1 " + json.dumps(one, separators=(",", ":")).encode() + b"\r\n" for one in said)
    return text, int(any(one["state"] == "failed" for one in said))
