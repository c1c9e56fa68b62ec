"""pictures.py FOLDER OUT: pictures of what the demonstration left in FOLDER (demo.py --keep): OUT/mail.png, the beginning of
its first mail, and OUT/time-line.png, the time line of its report page."""

import re
import sys
from pathlib import Path

from browser import Browser

MAIL = (720, 640)  # the width, and as much of the height as a reader sees first


def main(folder, out):
    with Browser() as browser:
        mail = Path(folder, "mail-exchange-admins-1.html")
        mail.write_text(re.sub(r" (<span[^>]*>)?-c(</span>)? /\S+", "", mail.read_text()))  # of the demonstration: others have it at its usual place
        page = browser.open(mail, width=MAIL[0])
        page.screenshot(Path(out, "mail.png"), (0, 0, *MAIL))
        page = browser.open(Path(folder, "report.html"), width=960)
        box = page.evaluate("(e => { const b = e.getBoundingClientRect(); return [b.x, b.y, b.width, b.height]; })"
                            "(document.querySelector('figure'))")
        page.screenshot(Path(out, "time-line.png"), (box[0] - 12, box[1] - 12, box[2] + 24, box[3] + 24))


if __name__ == "__main__":
    main(*sys.argv[1:])
