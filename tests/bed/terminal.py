"""The program at a terminal: what it writes there, and what stays to be seen."""

import fcntl
import os
import pty
import select
import struct
import termios

import wait


def screen(output):
    """What stays on a terminal after these bytes."""
    lines, column = [""], 0
    text = output.decode()
    while text:
        if text.startswith("\033[K"):
            lines[-1] = lines[-1][:column]
            text = text[3:]
            continue
        head, text = text[0], text[1:]
        if head == "\r":
            column = 0
        elif head == "\n":
            lines.append("")
            column = 0
        else:
            lines[-1] = lines[-1][:column] + head + lines[-1][column + 1:]
            column += 1
    return lines


def on_terminal(program, *args, both=True, env=None, columns=120, typed=None, **options):
    """Runs it with standard error on a terminal, and standard output too with `both`; with `typed`, standard input too,
    where that is typed. (status, the terminal's bytes, what else went to standard output)."""
    ours, theirs = pty.openpty()
    try:
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("4H", 24, columns, 0, 0))
        more = {"stdout": theirs} if both else {}
        if typed is not None:
            more["stdin"] = theirs
            os.write(ours, typed.encode())
        process = program.start(*args, stderr=theirs, env={"TERM": "xterm", **(env or {})}, **more, **options)
        os.close(theirs)
        theirs = None
        output = b""
        while select.select([ours], [], [], wait.HANG)[0]:
            try:
                piece = os.read(ours, 65536)
            except OSError:  # the last one has closed the other end
                break
            output += piece
        rest = process.communicate(timeout=wait.HANG)[0]
        return process.returncode, output, rest
    finally:
        os.close(ours)
        if theirs is not None:
            os.close(theirs)
