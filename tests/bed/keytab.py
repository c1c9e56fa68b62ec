"""Key tables (MIT's file format, version 2) taken apart and put together: the keys of one account, under the names of the
services that it holds."""

import struct
from pathlib import Path


def _counted(data):
    return struct.pack(">H", len(data)) + data


def keys(path):
    """[(kvno, kind, key)] of all entries."""
    data, at, found = Path(path).read_bytes(), 2, []
    while at + 4 <= len(data):
        size = struct.unpack(">i", data[at:at + 4])[0]
        at += 4
        if size > 0:
            entry = data[at:at + size]
            place = 2
            for _ in range(struct.unpack(">H", entry[:2])[0] + 1):
                place += 2 + struct.unpack(">H", entry[place:place + 2])[0]
            place += 8
            kvno, kind, length = struct.unpack(">BHH", entry[place:place + 5])
            key = entry[place + 5:place + 5 + length]
            if len(entry) >= place + 9 + length:
                kvno = struct.unpack(">I", entry[place + 5 + length:place + 9 + length])[0] or kvno
            found.append((kvno, kind, key))
        at += abs(size)
    return found


def write(path, realm, names, given):
    """A new key table with each of the keys under each name ("WSMAN/ex1.contoso.test")."""
    out = b"\x05\x02"
    for name in names:
        parts = [part.encode() for part in name.split("/")]
        for kvno, kind, key in given:
            entry = (struct.pack(">H", len(parts)) + _counted(realm.encode()) + b"".join(map(_counted, parts))
                     + struct.pack(">IIB", 2 if len(parts) > 1 else 1, 0, kvno & 0xff) + struct.pack(">H", kind) + _counted(key)
                     + struct.pack(">I", kvno))
            out += struct.pack(">i", len(entry)) + entry
    Path(path).write_bytes(out)
    Path(path).chmod(0o600)
