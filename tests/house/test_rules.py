"""Every rule of the house is broken once in a small tree of its own: a rule that cannot fail proves nothing."""

import json
import tempfile
import unittest
from pathlib import Path

import c_source
import rules

FORMAT = "BasedOnStyle: LLVM\nIndentWidth: 4\nColumnLimit: 120\nAllowShortFunctionsOnASingleLine: None\n"
PICTURE = """```text
floor  folder  what
      4    monitor/  main
           monitor/run/  the loop
    outside
      3    ldap/  the directory
           notify/  people
           notify/words/  what is said
    ground
      2    web/  HTTP
      1    base/  text
```
"""
PAGES = {name: "# Page\n\n" + PICTURE + "\nMore.\n" for name in rules.PICTURES}
GOOD = {
    **PAGES,
    "monitor/run/run.c": '#include "base/text.h"\n',
    "notify/mail.c": '#include "notify/words/words.h"\n',
    "notify/words/words.h": "/* Words. */\n",
    ".clang-format": FORMAT,
    "base/text.h": '/* What texts are. */\n#include <stddef.h>\n',
    "base/text.c": '#include "base/text.h"\n\nint text(int a) {\n    return a;\n}\n',
    "ldap/look.c": '#include <ldap.h>\n\n#include "base/text.h"\n',
    "web/https.c": '#include <curl/curl.h>\n\n#include "base/text.h"\n',
    "monitor/main.c": '#include <time.h>\n\n#include "base/text.h"\n\nlong now(void) {\n    return time(NULL);\n}\n',
    "docs/hello.md": "Hello.\n",
}


class Tree:
    """A temporary tree: the good one with some files changed or added."""

    def __init__(self, changed, built=None):
        self.folder = tempfile.TemporaryDirectory(prefix="authcert-house-")
        self.root = Path(self.folder.name)
        content = {**GOOD, **changed}
        for name, text in content.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        sources = [name for name in content if name.endswith(".c")] if built is None else built
        self.commands = self.root / "build" / "compile_commands.json"
        self.commands.parent.mkdir()
        self.commands.write_text(json.dumps([{"directory": str(self.root), "file": name} for name in sources]))

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.folder.cleanup()


class Rules(unittest.TestCase):
    def offences(self, changed, built=None):
        with Tree(changed, built) as tree:
            return list(rules.offences(tree.root, tree.commands))

    def breaks(self, expected, changed, built=None):
        """Exactly one offence, and it reads as expected."""
        found = self.offences(changed, built)
        self.assertEqual(len(found), 1, found)
        self.assertIn(expected, found[0])

    def test_a_good_tree_has_no_offence(self):
        self.assertEqual(self.offences({}), [])

    def test_a_folder_looks_down(self):
        header = {"ldap/names.h": "/* Names. */\n", "monitor/run/loop.h": "/* A run. */\n", "notify/letter.h": "/* Mail. */\n"}
        for path, what, why in (("base/time.c", "monitor/run/loop.h", "base/ looks up to"),
                                ("ldap/bind.c", "monitor/run/loop.h", "ldap/ looks up to"),
                                ("notify/words/plain.c", "notify/letter.h", "notify/words/ looks up to"),
                                ("ldap/bind.c", "notify/letter.h", "ldap/ and notify/ stand side by side"),
                                ("notify/mail.c", "ldap/names.h", "look")):
            with self.subTest(path=path, what=what):
                found = self.offences({**header, path: f'#include "{what}"\n'})
                self.assertTrue(any(line.startswith(path) and why.rstrip() in line for line in found), found)
        self.assertEqual(self.offences({**header, "monitor/all.c": '#include "ldap/names.h"\n#include "notify/letter.h"\n'}), [])

    def test_the_picture_is_the_house(self):
        self.breaks("CONTRIBUTING.md:1: draws another house", {"CONTRIBUTING.md": PICTURE.replace("the loop", "a loop")})
        self.breaks("docs/how-it-works.md:1: has no picture", {"docs/how-it-works.md": "Words.\n"})
        self.breaks("ldap/new:0: is not drawn", {"ldap/new/file.h": "/* New. */\n"})
        self.breaks("README.md:17: names base/gone.c", {"README.md": PAGES["README.md"] + "`base/text.c` and `base/gone.c`\n"})
        drawn = PICTURE.replace("           notify/  people", "           renew/  keys\n           notify/  people")
        self.breaks("README.md:1: draws renew/, which holds no source", dict.fromkeys(PAGES, drawn))

    def test_files_stand_in_no_circle(self):
        self.breaks("base/a.h:1: a circle of files: base/a, base/b, base/c", {
            "base/a.h": '/* A. */\n#include "base/b.h"\n', "base/b.h": "/* B. */\n",
            "base/b.c": '#include "base/b.h"\n\n#include "base/c.h"\n', "base/c.h": '/* C. */\n#include "base/a.h"\n'})

    def test_includes_are_from_the_root(self):
        for what in ('"text.h"', '"../base/text.h"', '"base/../base/text.h"', '"base/absent.h"', '"./base/text.h"'):
            found = self.offences({"base/time.c": f"#include {what}\n"})
            self.assertTrue(any("base/time.c:1: a header of the project" in line for line in found), (what, found))
        self.breaks("a header of the project", {"tests/base/test_text.c": '#include "text.h"\n'})
        self.breaks("a header of the project", {"base/time.c": "#include TEXT\n"})

    def test_own_header_comes_first(self):
        self.breaks("base/text.c:1: the first include", {"base/text.c": '#include <stdio.h>\n\n#include "base/text.h"\n'})

    def test_libraries_stay_in_their_room(self):
        self.breaks("<ldap.h> belongs to ldap/", {"monitor/main.c": "#include <ldap.h>\n"})
        self.breaks("<lber.h> belongs to ldap/", {"base/time.c": "#include <lber.h>\n"})
        self.breaks("<curl/curl.h> belongs to web/", {"base/key.c": "#include <curl/curl.h>\n"})

    def test_banned_functions_stay_out(self):
        for name in ("strcpy", "strcat", "sprintf", "vsprintf", "gets", "strtok", "system", "popen", "mktime",
                     "localtime", "localtime_r", "gmtime", "ctime", "asctime", "rand", "tmpnam", "alloca", "atoi", "atol"):
            self.breaks(f"base/time.c:2: {name} is banned", {"base/time.c": f"int f(void) {{\n    return {name}(0);\n}}\n"})
            self.breaks(f"{name} is banned", {"tests/base/test_text.c": f"int f(void) {{\n    return {name}(0);\n}}\n"})
        self.breaks("time: the clock", {"base/time.c": "int f(void) {\n    return time(0);\n}\n"})
        self.breaks("CLOCK_REALTIME: the clock", {"ldap/bind.c": "int f(void) {\n    return CLOCK_REALTIME;\n}\n"})

    def test_names_that_only_look_banned_are_let_in(self):
        self.assertEqual(self.offences({"base/time.c": (
            '/* strcpy(a, b) */\n// system("x") \\\n   popen("y")\nint gmtime_r_of(struct f *f) {\n'
            '    const char *text = "\\"strcat(a, b)";\n    char c = \'"\'; // rand()\n'
            '    return f->time(c) + f->at.system(text) + my_strtok(text) + sizeof(time_t);\n}\n')}), [])

    def test_headers_say_what_they_are_for(self):
        self.breaks("base/time.h:1: a header opens", {"base/time.h": "#define TIME 1\n"})

    def test_sizes_stay_small(self):
        body = "".join(f"    a += {number};\n" for number in range(rules.FUNCTION_LINES))
        self.breaks("base/time.c:3: f has", {"base/time.c": f"int g(void);\n\nint f(int a) {{\n{body}}}\n"})
        self.breaks("more than 450", {"base/time.h": "/* Long. */\n" + "extern int a;\n" * 450})
        self.breaks("monitor/main.c:103: 103 lines, more than 100",
                    {"monitor/main.c": GOOD["monitor/main.c"] + "\n" + "extern int a;\n" * 95})
        self.breaks("base:0: 14 sources in one folder", {f"base/{name}.c": "" for name in "abcdefghijklm"})
        self.breaks("more than 900", {"tests/bed/long.py": "a = 1\n" * 901})

    def test_text_is_clean(self):
        self.breaks("docs/hello.md:1: white space at the end", {"docs/hello.md": "Hello. \n"})
        self.breaks("docs/hello.md:1: white space at the end", {"docs/hello.md": "Hello.\r\n"})
        self.breaks("demo:2: a tab", {"demo": "#!/bin/sh\n\ttrue\n"})
        self.breaks("ends with exactly one", {"docs/hello.md": "Hello."})
        self.breaks("ends with exactly one", {"docs/hello.md": "Hello.\n\n"})

    def test_words_are_plain(self):
        say = '#include "base/text.h"\n\nconst char *say(void) {\n    return %s;\n}\n'
        self.breaks('base/say.c:4: "mend" is hard', {"base/say.c": say % '"mend it"'})
        self.breaks('base/say.c:4: "anew" is hard', {"base/say.c": say % '"write it "\n           "anew"'})
        self.breaks('docs/hello.md:1: "Held" is hard', {"docs/hello.md": "Held back.\n"})
        self.assertEqual(self.offences({"base/say.c": say % '"mend"', "docs/hello.md": "The act `mend`, and kind.\n"}), [])

    def test_everything_is_built(self):
        self.breaks("base/text.c:1: no CMakeLists.txt", {}, [name for name in GOOD if name != "base/text.c"])

    def test_layout_is_clang_formats(self):
        self.breaks("clang-format -i repairs it", {"base/time.c": "int f( int a );\n"})


class Source(unittest.TestCase):
    def test_functions_are_found_with_their_length(self):
        text = ("struct s {\n    int a;\n};\nstatic const int list[] = {\n    1,\n};\n"
                "__attribute__((noreturn)) static void\nf(int a, int (*g)(int))\n{\n    if (a) {\n    }\n}\n"
                "int h(void) {\n    return 0;\n}\nenum e { A };\n")
        self.assertEqual(list(c_source.functions(text))[-1], (13, "h", 3))
        self.assertEqual([lines for _, _, lines in c_source.functions(text)], [4, 3])

    def test_calls_are_found_however_they_are_written(self):
        self.assertEqual([name for _, name in c_source.calls("a (1); b\n(2); c/**/(3); s->d(4); (e)(5);")], ["a", "b", "c"])

    def test_includes_in_comments_do_not_count(self):
        self.assertEqual(list(c_source.includes('/*\n#include "a"\n*/\n #  include <b>\n// #include <c>\n')), [(4, "<b>")])


if __name__ == "__main__":
    unittest.main()
