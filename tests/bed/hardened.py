"""What a built program lacks of what makes mistakes harder to use, read from the ELF file itself.

    hardened.lacks("build/release/authcert", fortified=True)     [] when nothing is lacking
"""

import struct
from pathlib import Path

DYNAMIC, STACK, RELRO = 2, 0x6474E551, 0x6474E552
NEEDED_STRINGS, SYMBOLS, FLAGS, FLAGS_1 = 5, 6, 30, 0x6FFFFFFB
NOW, NOW_1, PIE_1 = 0x8, 0x1, 0x08000000
X86_64 = 62
# endbr64, where an indirect jump may land; orq and movq $0,(%rsp), by which gcc and clang let a large frame touch each page
# of the stack.
ENDBR, PROBES = bytes.fromhex("f30f1efa"), (bytes.fromhex("48830c2400"), bytes.fromhex("48c7042400000000"))


class Elf:
    def __init__(self, path):
        self.bytes = Path(path).read_bytes()
        if self.bytes[:6] != b"\x7fELF\x02\x01":
            raise ValueError(f"{path} is no 64-bit little-endian ELF file")
        self.type, self.machine = struct.unpack_from("<HH", self.bytes, 16)
        start, = struct.unpack_from("<Q", self.bytes, 32)
        size, count = struct.unpack_from("<HH", self.bytes, 54)
        self.segments = [struct.unpack_from("<IIQQQQQQ", self.bytes, start + i * size) for i in range(count)]
        self.tags = {}
        for kind, _, offset, _, _, length, _, _ in self.segments:
            for at in range(offset, offset + length, 16) if kind == DYNAMIC else ():
                tag, value = struct.unpack_from("<QQ", self.bytes, at)
                self.tags.setdefault(tag, value)

    def segment(self, kind):
        return next((segment for segment in self.segments if segment[0] == kind), None)

    def offset(self, address):
        for kind, _, offset, start, _, length, _, _ in self.segments:
            if kind == 1 and start <= address < start + length:
                return offset + address - start
        raise ValueError(f"{address:x} is in no segment")

    def imports(self):
        """Names in the dynamic string table."""
        start = self.offset(self.tags[NEEDED_STRINGS])
        size = self.tags[10]
        return {name.decode() for name in self.bytes[start:start + size].split(b"\0")}

    def code(self):
        return b"".join(self.bytes[offset:offset + length] for kind, flags, offset, _, _, length, _, _ in self.segments
                        if kind == 1 and flags & 1)


def lacks(path, fortified):
    elf = Elf(path)
    names = elf.imports()
    missing = []
    if elf.type != 3 or not elf.tags.get(FLAGS_1, 0) & PIE_1:
        missing.append("position independence")
    if not elf.segment(RELRO) or not (elf.tags.get(FLAGS, 0) & NOW or elf.tags.get(FLAGS_1, 0) & NOW_1):
        missing.append("tables that are read-only once it runs")
    if not elf.segment(STACK) or elf.segment(STACK)[1] & 1:
        missing.append("a stack that holds no code")
    if "__stack_chk_fail" not in names:
        missing.append("stack guards")
    if fortified and len([name for name in names if name.endswith("_chk")]) < 5:
        missing.append("fortified calls")
    if elf.machine == X86_64 and elf.code().count(ENDBR) < 500:
        missing.append("landing places of indirect jumps")
    if elf.machine == X86_64 and sum(elf.code().count(probe) for probe in PROBES) < 5:
        missing.append("probes of large frames")
    return missing
