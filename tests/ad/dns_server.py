"""A DNS server for a test inside a namespace: answers questions for SRV records from a JSON file, which it reads for each.

    with dns_server.Dns(forest) as dns:
        dns.records("_ldap._tcp.dc._msdcs.contoso.test", (0, 100, 389, "dc1.contoso.test"), ...)
        dns.answer(name, "refuse" | "silent" | bytes)      a server that fails, says nothing, or sends rubbish
        dns.asked()                                         the names whose SRV records were asked for, oldest first

Names that were not set do not exist. Run as a program it is the server: FILE ADDRESS.
"""

import json
import socket
import struct
import sys
from pathlib import Path

import wait

SRV, NXDOMAIN, REFUSED = 33, 3, 5


def encode(name):
    labels = [label for label in name.split(".") if label]
    return b"".join(bytes([len(label)]) + label.encode() for label in labels) + b"\0"


def question(data):
    """(name, type, the question's own bytes)"""
    at, labels = 12, []
    while data[at]:
        labels.append(data[at + 1:at + 1 + data[at]].decode("latin-1"))
        at += 1 + data[at]
    return ".".join(labels), struct.unpack("!H", data[at + 1:at + 3])[0], data[12:at + 5]


def reply(data, known):
    name, kind, asked = question(data)
    entry = known.get(name.lower()) if kind == SRV else None
    if entry == "silent":
        return None
    if isinstance(entry, str) and entry.startswith("hex:"):
        return data[:2] + bytes.fromhex(entry[4:])
    code = REFUSED if entry == "refuse" else NXDOMAIN if entry is None else 0
    answers = entry if isinstance(entry, list) else []
    body = b"".join(b"\xc0\x0c" + struct.pack("!HHIH", SRV, 1, 60, 6 + len(encode(target)))
                    + struct.pack("!HHH", priority, weight, port) + encode(target)
                    for priority, weight, port, target in answers)
    return data[:2] + struct.pack("!HHHHH", 0x8580 | code, 1, len(answers), 0, 0) + asked + body


def serve(path, address):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind((address, 53))
        print("ready", flush=True)
        while True:
            data, peer = server.recvfrom(4096)
            with open(path + ".asked", "a") as log:
                name, kind, _ = question(data)
                log.write(name + "\n" if kind == SRV else "")
            answer = reply(data, json.loads(Path(path).read_text()))
            if answer is not None:
                server.sendto(answer, peer)


class Dns:
    def __init__(self, forest, address="127.0.0.53"):
        self.path, self.known = Path(forest.path("dns.json")), {}
        self.log = Path(str(self.path) + ".asked")
        self.save()
        import subprocess
        self.process = forest.start_inside("/usr/bin/python3", "-B", __file__, str(self.path), address,
                                           stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        assert self.process.stdout.readline() == b"ready\n"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        wait.end(self.process)
        self.process.stdout.close()

    def save(self):
        fresh = self.path.with_suffix(".new")
        fresh.write_text(json.dumps(self.known))
        fresh.replace(self.path)

    def records(self, name, *records):
        self.known[name.lower()] = list(records)
        self.save()

    def answer(self, name, how):
        self.known[name.lower()] = "hex:" + how.hex() if isinstance(how, bytes) else how
        self.save()

    def clear(self):
        self.known = {}
        self.save()
        self.log.unlink(missing_ok=True)

    def asked(self):
        return self.log.read_text().split() if self.log.exists() else []


if __name__ == "__main__":
    serve(sys.argv[1], sys.argv[2])
