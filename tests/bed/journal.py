"""A journal that keeps what the program writes into it, so that no real one hears of it.

    with journal.Journal() as kept:
        program.executable = kept.executable(program.folder, program.executable)
        kept.entries()        [{"MESSAGE": ..., "PRIORITY": ..., ...}, ...] since the last call
"""

import os
import socket
import struct
import tempfile
from pathlib import Path

import mount


class Journal:
    def __enter__(self):
        mount.needed()
        self.folder = tempfile.TemporaryDirectory(prefix="authcert-journal-")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(os.path.join(self.folder.name, "socket"))
        self.socket.settimeout(0)
        return self

    def __exit__(self, *_):
        self.socket.close()
        self.folder.cleanup()

    def executable(self, beside, program):
        """Writes a script that starts the program as systemd does, its standard error the journal; returns its path."""
        path = Path(beside) / "by-systemd"
        path.write_text(f"""#!/bin/sh
exec unshare --mount --propagation private sh -c '
mount -t tmpfs none /run && mkdir -p /run/systemd/journal && mount --bind "$0" /run/systemd/journal &&
JOURNAL_STREAM=$(stat -L -c %d:%i /proc/self/fd/2) exec "$@"' '{self.folder.name}' '{program}' "$@"
""")
        path.chmod(0o755)
        return path

    def entries(self):
        found = []
        try:
            while True:
                found.append(_fields(self.socket.recv(1 << 20)))
        except BlockingIOError:
            return found


def _fields(data):
    """systemd's own protocol: NAME=value and a line feed, or where a value holds one, NAME, the length, the value."""
    fields = {}
    while data:
        line, _, rest = data.partition(b"\n")
        name, equals, value = line.partition(b"=")
        if not equals:
            (length,) = struct.unpack("<Q", rest[:8])
            value, rest = rest[8:8 + length], rest[9 + length:]
        fields[name.decode()] = value.decode()
        data = rest
    return fields
