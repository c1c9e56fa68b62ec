"""The Debian package of this tree, built once per build folder and source.

    package.build()              path of the .deb, made when there is none of this source
    package.build(folder)        made anew, in a copy of the source in that folder
"""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CACHE = Path(os.environ.get("AUTHCERT_PACKAGE_CACHE", ROOT / "build/package"))
LEFT_OUT = {".git", "build", "dist", "__pycache__"}
PATH = "/usr/sbin:/usr/bin:/sbin:/bin"


def sources():
    """(path in the tree, path) of every file of it. What is left out is not even looked into: other tests work there."""
    for folder, folders, files in os.walk(ROOT):
        folders[:] = sorted(set(folders) - LEFT_OUT)
        for path in sorted(Path(folder, name) for name in set(files) - LEFT_OUT):
            yield path.relative_to(ROOT), path


def _digest():
    digest = hashlib.sha256()
    for inside, path in sources():
        digest.update(f"{inside}\0{path.stat().st_mode & 0o111}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def version():
    return (ROOT / "debian/changelog").read_text().split("(", 1)[1].split(")", 1)[0]


def build(folder=None):
    """The .deb."""
    if folder is None:
        kept = CACHE / _digest()
        if not list(kept.glob("authcert_*.deb")):
            shutil.rmtree(kept, ignore_errors=True)
            build(kept)
        return next(kept.glob("authcert_*.deb"))
    source = Path(folder) / "authcert"
    for inside, path in sources():
        (source / inside).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, source / inside)
    environment = {"PATH": PATH, "HOME": str(folder), "LC_ALL": "C.UTF-8", "DEB_BUILD_OPTIONS": "parallel=2 noautodbgsym"}
    done = subprocess.run(["dpkg-buildpackage", "-b", "-us", "-uc", "-d"], cwd=source, env=environment,
                          capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError("dpkg-buildpackage failed:\n" + done.stdout[-4000:] + done.stderr[-4000:])
    shutil.rmtree(source)
    return next(Path(folder).glob("authcert_*.deb"))
