"""Names that only one program can resolve: it runs in a mount namespace of its own whose /etc/hosts is another file; or,
where there is none to be had, with libnss-wrapper, which reads that file instead.

    with hosts.Names({"ex1.contoso.test": "127.0.0.1"}) as names:    or a list of addresses
        names.point("ex2.contoso.test", "127.0.0.2")    from the next start of the program on
        names.executable(program)                       a path that runs this program where the names are known

The machine's own files stay as they are, and a name that is not among them is unknown at once: no DNS server is asked. With
libnss-wrapper one is, where the machine has one, and soon given up.
"""

import functools
import glob
import shutil
import subprocess
import tempfile
from pathlib import Path

ETC = Path(__file__).resolve().with_name("etc.sh")
FILES = ("hosts", "nsswitch.conf", "resolv.conf")
MOUNT = """#!/bin/sh
exec unshare {options} --propagation private sh -c '
set -eu
"$1" "$2" {files}
shift 2
exec "$@"' sh '{etc}' '{folder}' '{program}' "$@"
"""


# A program that loads another library already (libfaketime) goes on doing so.
WRAP = """#!/bin/sh
export LD_PRELOAD="{library}${{LD_PRELOAD:+:$LD_PRELOAD}}" NSS_WRAPPER_HOSTS='{folder}/hosts' NSS_WRAPPER_DISABLE_DEEPBIND=1 RES_OPTIONS='timeout:1 attempts:1'
exec '{program}' "$@"
"""


class Impossible(Exception):
    """This machine gives us neither a mount namespace nor the library."""


@functools.lru_cache(maxsize=None)
def namespace():
    """The options of unshare that give a namespace in which we may mount, and why there are none: one of the two."""
    why = ""
    with tempfile.TemporaryDirectory(prefix="authcert-names-") as folder:
        Path(folder, "hosts").touch()
        for options in ("--mount", "--mount --map-root-user"):
            tried = subprocess.run(["unshare", *options.split(), "--propagation", "private", ETC, folder, "hosts"],
                                   capture_output=True, text=True)
            if tried.returncode == 0:
                return options, None
            why = why or " ".join(tried.stderr.split())
    return None, why


@functools.lru_cache(maxsize=None)
def _wrapper():
    found = glob.glob("/usr/lib/*/libnss_wrapper.so")
    if not found:
        raise Impossible("The names of the Exchange servers are known only in a mount namespace of its own, which this account "
                         f"is not given ({namespace()[1]}), or through libnss-wrapper: apt-get install libnss-wrapper.")
    return found[0]


class Names:
    def __init__(self, names=None):
        self.names = dict(names or {})
        self.folder = None

    def __enter__(self):
        self.options = namespace()[0]
        self.library = None if self.options else _wrapper()
        self.folder = Path(tempfile.mkdtemp(prefix="authcert-names-"))
        (self.folder / "nsswitch.conf").write_text("passwd: files\ngroup: files\nhosts: files\n")
        (self.folder / "resolv.conf").write_text("# nobody\n")
        self.write()
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder, ignore_errors=True)

    def write(self):
        """Writes what `names` holds now."""
        lines = ["127.0.0.1 localhost"]
        for name, addresses in self.names.items():
            lines += [f"{address} {name}" for address in ([addresses] if isinstance(addresses, str) else addresses)]
        (self.folder / "hosts").write_text("\n".join(lines) + "\n")

    def point(self, name, address):
        """Another address for a name; None makes it unknown."""
        self.names.pop(name, None)
        if address:
            self.names[name] = address
        self.write()

    def executable(self, program):
        path = self.folder / Path(program).name
        text = MOUNT if self.options else WRAP
        path.write_text(text.format(options=self.options, files=" ".join(FILES), etc=ETC, folder=self.folder, program=program,
                                    library=self.library))
        path.chmod(0o755)
        return path
