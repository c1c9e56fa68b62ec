"""The README as data: what a new user is told to type and to write.

    readme.section("Install")      its text
    readme.commands(text)          command lines of its code blocks, in their order
    readme.settings(text)          {section: {key: value}} of its configuration blocks
    readme.edited(example, ...)    the example with these settings, as an editor would leave it
"""

import re
from pathlib import Path

README = Path(__file__).resolve().parent / "../../README.md"


def section(title, text=None, level="##"):
    text = README.read_text() if text is None else text
    return re.search(rf"^{level} {re.escape(title)}\n(.*?)(?=^#{{2,{len(level)}}} |\Z)", text, re.MULTILINE | re.DOTALL)[1]


def _blocks(text):
    """Blocks of indented code, without their indentation."""
    for block in re.findall(r"(?:^(?: {4,}.*)?\n)+", text, re.MULTILINE):
        lines = [line.strip() for line in block.split("\n") if line.strip()]
        if lines:
            yield lines


def commands(text):
    return [line for block in _blocks(text) if not block[0].startswith("[") for line in block]


def settings(text):
    found = {}
    for block in _blocks(text):
        if not block[0].startswith("["):
            continue
        name = ""
        for line in block:
            if match := re.fullmatch(r"\[(\w+)\]", line):
                name = match[1]
            else:
                key, value = line.split(" = ", 1)
                found.setdefault(name, {})[key] = value
    return found


def edited(example, settings):
    """Each key on the line that shows it, commented out or not. A key that has no such line is a KeyError."""
    for name, values in settings.items():
        head, title, rest = example.partition(f"[{name}]\n")
        body, following, tail = rest.partition("\n[")
        for key, value in values.items():
            body, count = re.subn(rf"(?m)^#?{key} = .*$", lambda _: f"{key} = {value}", body, count=1)
            if count != 1:
                raise KeyError(f"[{name}] {key}")
        example = head + title + body + following + tail
    return example
