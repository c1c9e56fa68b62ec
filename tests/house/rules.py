"""The rules of the house, each a function from a tree to its offences as (file, line, text).

Who may include whom, which functions stay out, how long files and functions may grow, and how text looks. The reasons
are in the texts. A tree is a folder laid out like this repository.
"""

import json
import os
import re
import subprocess
from collections import Counter
from pathlib import Path

import c_source

# The picture of the house stands in these three pages, the same in each; it is what the rules go by.
PICTURES = ("README.md", "CONTRIBUTING.md", "docs/how-it-works.md")
PICTURE = re.compile(r"^```text\nfloor +folder .*\n((?:.*\n)*?)```", re.MULTILINE)
STOREY = re.compile(r"^ +(?:(\d+) +)?([a-z]\w*(?:/\w+)*/) ", re.MULTILINE)
# Libraries that only some rooms may touch.
LIBRARIES = (
    (re.compile(r"<(ldap|lber|ldif|sasl/)"), ("ldap",)),
    (re.compile(r"<(krb5|gssapi)"), ("kerberos",)),
    (re.compile(r"<curl/"), ("web", "probe", "notify")),
)
# How a rejected function is done here instead.
BANNED = {
    **dict.fromkeys(("strcpy", "strcat", "stpcpy", "sprintf", "vsprintf", "gets"), "it knows no size"),
    **dict.fromkeys(("strtok", "localtime", "gmtime", "ctime", "asctime"), "it keeps its answer in a global"),
    **dict.fromkeys(("mktime", "timelocal"), "it knows local time; everything here is UTC"),
    **dict.fromkeys(("system", "popen"), "it starts a shell"),
    **dict.fromkeys(("rand", "srand", "random", "srandom", "drand48"), "it can be guessed"),
    **dict.fromkeys(("tmpnam", "tempnam", "mktemp"), "another can take the name first"),
    **dict.fromkeys(("atoi", "atol", "atoll", "atof"), "it takes rubbish for a number"),
    "alloca": "the stack has no error to return",
}
CLOCKS = {"time", "gettimeofday", "timespec_get"}  # and CLOCK_REALTIME; waiting by CLOCK_MONOTONIC is fine
LOCAL_TIME_FILE = "notify/words/calendar.c"  # for readers alone
CLOCK_FILE = "monitor/main.c"
MAIN = "monitor/main.c"
MAIN_LINES = 100
FILE_LINES = 450
FOLDER_SOURCES = 13
TEST_FILE_LINES = 900
FUNCTION_LINES = 80
TEXT = {".c", ".h", ".py", ".md", ".cmake", ".txt", ".json", ".conf", ".service", ".timer", ".sh", ".schema", ""}
HARD_WORDS = re.compile(r"\b(mend|mends|mended|mending|told|held|kin|anew)\b", re.IGNORECASE)
PLAIN = "repair, notified or reported, present or blocked, the like, again"
NOT_OURS = {"build", ".git", "__pycache__", "corpus"}


def files(tree, *suffixes):
    """The tree's own files with one of these suffixes, as (path inside the tree, text)."""
    for folder, folders, names in os.walk(tree):
        folders[:] = sorted(set(folders) - NOT_OURS)  # other tests make and remove files in those
        for path in (Path(folder, name) for name in sorted(names)):
            if path.suffix in suffixes and path.is_file():
                yield path.relative_to(tree), path.read_bytes().decode("utf-8", "surrogateescape")


def picture(tree):
    """The folders of the picture as {folder: (floor, line)}; the lines count from the top."""
    drawn, floor = {}, 0
    path = Path(tree) / PICTURES[0]
    found = PICTURE.search(path.read_text()) if path.is_file() else None
    for line, match in enumerate(STOREY.finditer(found[1]) if found else ()):
        floor = int(match[1] or floor)
        drawn[match[2].rstrip("/")] = (floor, line)
    return drawn


def rooms(tree):
    return {folder.split("/")[0] for folder in picture(tree)}


def sources(tree):
    """The C files of the rooms."""
    known = rooms(tree)
    for path, text in files(tree, ".c", ".h"):
        if path.parts[0] in known:
            yield path, text


def picture_is_the_house(tree):
    """The three pages draw the same house, and it is this one."""
    texts = {}
    for name in PICTURES:
        path = Path(tree) / name
        found = PICTURE.search(path.read_text()) if path.is_file() else None
        if not found:
            yield Path(name), 1, "has no picture of the house: a block that begins with 'floor  folder'"
            continue
        texts[name] = found[1].strip("\n")
        if texts[name] != next(iter(texts.values())):
            yield Path(name), 1, f"draws another house than {next(iter(texts))}"
        for line, text in enumerate(path.read_text().split("\n"), 1):
            for file in re.findall(r"`((?:[a-z_]+/)+[a-z_]+[.][ch])`", text):
                if not (Path(tree) / file).is_file():
                    yield Path(name), line, f"names {file}, which is not there"
    drawn, known = picture(tree), rooms(tree)
    for folder in drawn:
        if not any((Path(tree) / folder).glob("*.[ch]")):
            yield Path(PICTURES[0]), 1, f"draws {folder}/, which holds no source"
    for folder in sorted({path.parent for path, _ in files(tree, ".c", ".h") if path.parts[0] != "tests"}):
        if str(folder) not in drawn:
            yield folder, 0, f"is not drawn in the picture of the house ({PICTURES[0]})"


def a_folder_looks_down(tree):
    """To folders of lower floors; on its own floor only to those of its own room that are drawn below it."""
    drawn = picture(tree)
    for path, text in sources(tree):
        floor, line = drawn.get(str(path.parent), (0, 0))
        for number, what in c_source.includes(text):
            below = Path(what.strip('"')).parent
            if not what.startswith('"') or below == path.parent or str(below) not in drawn:
                continue
            other_floor, other_line = drawn[str(below)]
            if other_floor > floor or (other_floor == floor and other_line < line):
                yield path, number, f"{path.parent}/ looks up to {what}: only what the picture shows below it may be included"
            elif other_floor == floor and below.parts[0] != path.parts[0]:
                yield path, number, f"{path.parent}/ and {below}/ stand side by side and may not include each other"


def circles(edges):
    """The groups of nodes that reach each other, of a graph {node: nodes}."""
    def reach(node):
        seen, todo = set(), [node]
        while todo:
            for further in edges.get(todo.pop(), ()):
                if further not in seen:
                    seen.add(further)
                    todo.append(further)
        return seen

    reached = {node: reach(node) for node in edges}
    groups = {frozenset({other for other in reached[node] if node in reached.get(other, ())})
              for node in edges if node in reached[node]}
    return sorted(sorted(group) for group in groups)


def files_stand_in_no_circle(tree):
    """A file is a header with its source."""
    edges = {}
    for path, text in sources(tree):
        unit = str(path.with_suffix(""))
        edges.setdefault(unit, set()).update(
            other for _, what in c_source.includes(text) if what.startswith('"')
            for other in [what.strip('"').removesuffix(".h")] if other != unit)
    for group in circles(edges):
        yield Path(group[0] + ".h"), 1, f"a circle of files: {', '.join(group)}"


def includes_are_from_the_root(tree):
    for path, text in files(tree, ".c", ".h"):
        for line, what in c_source.includes(text):
            if what.startswith("<"):
                continue
            name = what.strip('"')
            parts = name.split("/")
            if (not what.startswith('"') or len(parts) < 2 or {".", "..", ""} & set(parts)
                    or not (Path(tree) / name).is_file()):
                yield path, line, f'a header of the project is included as "folder/file.h" from the root, not {what}'


def own_header_comes_first(tree):
    for path, text in sources(tree):
        own = path.with_suffix(".h")
        included = [(line, what) for line, what in c_source.includes(text)]
        first = included[0] if included else (1, "")
        if path.suffix == ".c" and (Path(tree) / own).is_file() and first[1] != f'"{own}"':
            yield path, first[0], f'the first include is "{own}": it shows that the header is complete'


def libraries_stay_in_their_room(tree):
    for pattern, rooms in LIBRARIES:
        for path, text in sources(tree):
            for line, what in c_source.includes(text):
                if pattern.match(what) and path.parts[0] not in rooms:
                    yield path, line, f"{what} belongs to {'/ and '.join(rooms)}/ alone"


def banned_functions_stay_out(tree):
    known = rooms(tree)
    for path, text in files(tree, ".c", ".h"):
        for line, name in c_source.calls(text):
            if name in BANNED:
                yield path, line, f"{name} is banned: {BANNED[name]}"
            elif name == "localtime_r" and str(path) != LOCAL_TIME_FILE:
                yield path, line, f"{name} is banned: it knows local time; everything but {LOCAL_TIME_FILE} is UTC"
            elif name in CLOCKS and path.parts[0] in known and str(path) != CLOCK_FILE:
                yield path, line, f"{name}: the clock is read once, in {CLOCK_FILE}, and passed down"
        for line, _, token in c_source.tokens(text):
            if token == "CLOCK_REALTIME" and path.parts[0] in known and str(path) != CLOCK_FILE:
                yield path, line, f"{token}: the clock is read once, in {CLOCK_FILE}, and passed down"


def headers_say_what_they_are_for(tree):
    for path, text in sources(tree):
        if path.suffix == ".h" and not text.startswith("/*"):
            yield path, 1, "a header opens with a comment that says what it is for"


def sizes_stay_small(tree):
    known = rooms(tree)
    folders = Counter(path.parent for path, _ in sources(tree) if path.suffix == ".c")
    for folder, count in folders.items():
        if count > FOLDER_SOURCES:
            yield folder, 0, f"{count} sources in one folder, more than {FOLDER_SOURCES}: which second room moved in?"
    for path, text in files(tree, ".c", ".h", ".py"):
        most = TEST_FILE_LINES if path.parts[0] not in known else MAIN_LINES if str(path) == MAIN else FILE_LINES
        if text.count("\n") > most:
            yield path, text.count("\n"), f"{text.count(chr(10))} lines, more than {most}: which second job moved in?"
        if path.suffix == ".py":
            continue
        for line, name, lines in c_source.functions(text):
            if lines > FUNCTION_LINES:
                yield path, line, f"{name} has {lines} lines, more than {FUNCTION_LINES}: which second job moved in?"


def text_is_clean(tree):
    for path, text in files(tree, *TEXT):
        if not path.suffix and not text.startswith("#!"):
            continue
        for number, line in enumerate(text.split("\n"), 1):
            if line != line.rstrip():
                yield path, number, "white space at the end of the line"
            if "\t" in line and not text.startswith("#!/usr/bin/make"):  # make begins its commands with one
                yield path, number, "a tab"
        if text and (not text.endswith("\n") or text.endswith("\n\n")):
            yield path, text.count("\n") + 1, "a file ends with exactly one line end"


def everything_is_built(tree, commands):
    """`commands`: the build's compile_commands.json."""
    built = {Path(entry["directory"], entry["file"]).resolve() for entry in json.loads(Path(commands).read_text())}
    for path, _ in files(tree, ".c"):
        if (Path(tree) / path).resolve() not in built:
            yield path, 1, "no CMakeLists.txt builds this file"


def layout_is_clang_formats(tree):
    paths = [str(path) for path, _ in files(tree, ".c", ".h")]
    if not paths:
        return
    done = subprocess.run(["/usr/bin/clang-format", "--style=file", "--dry-run", "--ferror-limit=1", *paths], cwd=tree,
                          capture_output=True, text=True, check=False)
    for match in re.finditer(r"^(.+?):(\d+):\d+: (?:warning|error): (.*)", done.stderr, re.MULTILINE):
        yield Path(match[1]), int(match[2]), f"{match[3]}; clang-format -i repairs it"
    if done.returncode and not done.stderr:
        yield Path("."), 0, f"clang-format failed with status {done.returncode}"


def sentences(text):
    """(line, sentence) of the strings of a C file, joined as the compiler joins them; single words are names."""
    line, joined = 0, ""
    for at, kind, token in [*c_source.tokens(text), (0, "end", "")]:
        if kind == "string":
            line, joined = line if joined else at, joined + token[token.index('"') + 1:-1]
        elif joined:
            if not re.fullmatch(r"\w+", joined):
                yield line, joined
            joined = ""


def words_are_plain(tree):
    """Who reads this at night need not be at home in English. Names of the program's own stand in backticks."""
    for path, text in sources(tree):
        for line, sentence in sentences(text) if path.suffix == ".c" else ():
            for word in HARD_WORDS.findall(sentence):
                yield path, line, f'"{word}" is hard for many readers: {PLAIN}'
    for path, text in files(tree, ".md", ".conf", ".catalog"):
        for line, shown in enumerate(text.split("\n"), 1):
            for word in HARD_WORDS.findall(re.sub(r"`[^`]*`", "", shown)) if path.parts[0] != "tests" else ():
                yield path, line, f'"{word}" is hard for many readers: {PLAIN}'


RULES = [picture_is_the_house, a_folder_looks_down, files_stand_in_no_circle, includes_are_from_the_root, own_header_comes_first, libraries_stay_in_their_room,
         banned_functions_stay_out, headers_say_what_they_are_for, sizes_stay_small, text_is_clean,
         words_are_plain, layout_is_clang_formats]


def offences(tree, commands):
    """All of them, as printable lines."""
    for rule in RULES:
        yield from (f"{path}:{line}: {text}" for path, line, text in rule(tree))
    yield from (f"{path}:{line}: {text}" for path, line, text in everything_is_built(tree, commands))
