"""A C file as tokens: enough to see calls, includes and functions without being fooled by comments and strings."""

import functools
import re

TOKEN = re.compile(r"""
    (?P<comment>/\*.*?\*/|//(?:\\\n|[^\n])*)
  | (?P<string>(?:u8|[uUL])?"(?:\\.|[^"\\\n])*")
  | (?P<character>[uUL]?'(?:\\.|[^'\\\n])*')
  | (?P<name>[A-Za-z_]\w*)
  | (?P<number>\.?\d(?:[eEpP][+-]|[\w.])*)
  | (?P<mark>->|\#\#|[^\s\w])
""", re.VERBOSE | re.DOTALL)
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?P<name><[^>\n]*>|"[^"\n]*"|[^\s"<]+)', re.MULTILINE)
DIRECTIVE = re.compile(r"^[ \t]*#(?:\\\n|[^\n])*", re.MULTILINE)


def _blank(match):
    """White space of the same lines."""
    return re.sub(r"[^\n]", " ", match.group())


@functools.cache  # several rules read each file
def without_comments(text):
    return TOKEN.sub(lambda match: _blank(match) if match.lastgroup == "comment" else match.group(), text)


@functools.cache
def includes(text):
    """(line, what) of every include, `what` with its <> or quotes."""
    plain = without_comments(text)
    return [(plain.count("\n", 0, match.start()) + 1, match["name"]) for match in INCLUDE.finditer(plain)]


def tokens(text):
    """(line, kind, token) of everything but comments; the contents of strings are never names."""
    line, end = 1, 0
    for match in TOKEN.finditer(text):
        line += text.count("\n", end, match.start())
        end = match.start()
        if match.lastgroup != "comment":
            yield line, match.lastgroup, match.group()


def calls(text):
    """(line, name) of everything that looks like a call: a name before a parenthesis that is no member of something."""
    before = previous = (0, "", "")
    for token in tokens(text):
        if token[2] == "(" and previous[1] == "name" and before[2] not in (".", "->"):
            yield previous[0], previous[2]
        before, previous = previous, token


def functions(text):
    """(line, name, lines) of every function's body, braces included."""
    plain = DIRECTIVE.sub(_blank, without_comments(text))
    depth = parentheses = first = 0
    name = candidate = previous = ""
    for line, kind, token in tokens(plain):
        if token == "(":
            if depth == 0 and parentheses == 0 and kind == "mark" and not candidate:
                candidate = previous
            parentheses += 1
        elif token == ")":
            parentheses -= 1
        elif token == "{":
            if depth == 0:
                first, name = line, candidate if previous == ")" else ""
            depth += 1
        elif token == "}":
            depth -= 1
            if depth == 0:
                if name:
                    yield first, name, line - first + 1
                candidate = ""
        elif token in (";", "=") and depth == 0 and parentheses == 0:
            candidate = ""
        previous = token
