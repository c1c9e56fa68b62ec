"""Somebody between an agent and its domain controller, who writes down what passes, and may change a byte of it.

    with relay.Relay(forest, port, damage_after=4000) as between:
        ... ldap://dc1.contoso.test:PORT ...
    between.seen            all bytes of both directions

Run by itself, inside the forest's namespace, it relays one address: ADDRESS PORT FILE DAMAGE_AFTER.
"""

import asyncio
import sys
from pathlib import Path

import wait


class Relay:
    def __init__(self, forest, port, damage_after=0):
        self.forest, self.port, self.damage_after = forest, port, damage_after
        self.file = forest.folder / f"relay-{port}"

    def __enter__(self):
        address = self.forest.dc[0].address
        self.file.unlink(missing_ok=True)
        self.process = self.forest.start_inside("/usr/bin/python3", "-B", __file__, address, self.port, self.file,
                                                self.damage_after)
        wait.until(self.file.exists, self.file, process=self.process)
        return self

    def __exit__(self, *_):
        wait.end(self.process)

    @property
    def seen(self):
        return self.file.read_bytes()


async def _pump(reader, writer, log, damage_after):
    passed = 0
    while data := bytearray(await reader.read(65536)):
        log.write(data)
        if damage_after and passed <= damage_after < passed + len(data):
            data[damage_after - passed] ^= 1
        passed += len(data)
        writer.write(data)
        await writer.drain()
    writer.close()


async def _main(address, port, path, damage_after):
    log = open(path + ".new", "wb", buffering=0)

    async def client(reader, writer):
        there, onward = await asyncio.open_connection(address, 389)
        await asyncio.gather(_pump(reader, onward, log, 0), _pump(there, writer, log, damage_after),
                             return_exceptions=True)
    server = await asyncio.start_server(client, address, port)
    Path(path + ".new").rename(path)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4])))
