"""The manual says what the program does: commands, options, settings, names, keys and command lines are compared with the
program itself, in both directions."""

import re
import shlex
import subprocess
import unittest

import exchange
import hybrid
import inventory
import pki
import places
import probed
import readme
import renewal
import smtp
from program import ROOT, Program

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
GOOD = "[directory]\nuri = ldaps://127.0.0.1:1\nbind = anonymous\n"
SLOTS = ("current", "previous", "next")

# What stands for something else in a command line of the manual.
STANDS_FOR = {"THUMBPRINT": "A" * 40, "FILE": "/nonexistent/file", "COMMAND": "check"}


def page(name):
    return (ROOT / "docs" / name).read_text()


def sections(text):
    """{title: text} of the second-level headings."""
    parts = re.split(r"^## (.*)\n", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2]))


def first_cells(text):
    """The code words in the first column of every table, in their order."""
    rows = re.findall(r"^\| ([^|]*) \|", text, re.MULTILINE)
    return [word for row in rows for word in re.findall(r"`([^`]+)`", row)]


def names(source, function):
    """What a function such as row_name returns, in the order of its cases."""
    body = re.search(rf"^const char \*{function}\(.*?^}}", (ROOT / source).read_text(), re.MULTILINE | re.DOTALL)[0]
    return re.findall(r'case \w+:\n\s+return "([^"]+)"', body)


def command_lines(text):
    """Command lines in code blocks and code words."""
    shown = re.findall(r"^ {4,}(authcert .*)$", text, re.MULTILINE) + re.findall(r"`(authcert [^`]*)`", text)
    for line in shown:
        line = re.split(r"\s+#\s|\s+>\S", line)[0]
        if not re.search(r"[\[|]|\.\.\.", line):  # a synopsis
            yield line


class Manual(unittest.TestCase):
    def program(self, sections=GOOD):
        program = Program(sections)
        self.addCleanup(program.close)
        if sections == GOOD:  # not the state folder of this machine
            program.write(GOOD + f"[state]\ndirectory = {program.state}\n")
        return program

    def help_of(self, *command):
        seen = self.program().run(*command, "--help", config=False)
        self.assertEqual((seen.status, seen.stderr), (0, ""), seen)
        return seen.stdout

    def options(self, *command):
        """(the command's own, those of every command), long and short ones."""
        own, _, common = self.help_of(*command).partition("Options of every command:")
        find = lambda text: set(re.findall(r"^ +(?:-\w, )?(--[\w-]+)", text, re.MULTILINE)) | set(
            re.findall(r"^ +(-\w),", text, re.MULTILINE))
        return find(own), find(common)

    def commands(self):
        return re.findall(r"^  (\w+) ", self.help_of().partition("Commands:")[2], re.MULTILINE)


class Commands(Manual):
    def test_every_command_has_its_section_and_no_other_has(self):
        titles = list(sections(page("commands.md")))
        commands = self.commands()
        self.assertGreater(len(commands), 10)
        self.assertEqual([title for title in titles if re.fullmatch("[a-z]+", title)], commands)

    def test_every_option_is_in_its_section_and_no_other_is(self):
        manual = sections(page("commands.md"))
        for command in self.commands():
            with self.subTest(command=command):
                own, common = self.options(command)
                self.assertEqual(set(first_cells(manual[command])), own)
                self.assertEqual(set(first_cells(manual["Options of every command"])), common)

    def test_every_format_and_exit_status_is_named(self):
        formats = re.search(r"--format (\S+)\]", self.help_of())[1].split("|")
        for name in formats:
            self.assertIn(f"`{name}`", sections(page("commands.md"))["Options of every command"])
        header = (ROOT / "monitor/run/exit.h").read_text()
        statuses = re.findall(r"EXIT_\w+ = (\d)", header)
        for name in ("commands.md", "json.md"):
            table = sections(page(name))["Exit statuses"]
            self.assertEqual(re.findall(r"^\| (\d) \|", table, re.MULTILINE), statuses)

    def test_what_asks_is_what_the_manual_says_asks(self):
        said = re.match(r"\s*(.*?) ask on the terminal", sections(page("commands.md"))["Confirmations"], re.DOTALL)[1]
        asking = re.findall(r"`([^`]+)`", said)
        current, before, following = (pki.auth_certificate(days, key=pki.new_key()) for days in (400, 30, 900))
        slots = {"previous": before, "next": following, "date": pki.now() + pki.days(30)}
        with renewal.Bed(current=current, **slots) as well, renewal.Bed(current=pki.auth_certificate(-1)) as broken:
            for line in ("recover", "renew --again", "activate --now", "activate --previous", "retire --now", "renew",
                         "activate", "retire", "deliver", "run"):
                with self.subTest(line=line):
                    seen = (broken if line == "recover" else well).program.run(*line.split())
                    asked = "--yes" in seen.stderr
                    self.assertEqual(asked, line in asking, seen)
            self.assertNotIn("--yes", well.program.run("recover").stderr, "there is nothing to ask for")

    def test_command_lines_parse(self):
        """A command whose words are right gets as far as its configuration, which is missing here."""
        program = self.program()
        missing = str(program.folder / "missing.conf")
        count = 0
        for file in PAGES:
            for line in command_lines(file.read_text()):
                with self.subTest(page=file.name, line=line):
                    words = [STANDS_FOR.get(word, word) for word in shlex.split(line)][1:]
                    count += 1
                    if {"--help", "--version", "help", "version"} & set(words):
                        self.assertEqual(program.run(*words, config=False).status, 0)
                        continue
                    command = next((word for word in words if word in self.commands()), None)
                    self.assertIsNotNone(command, "there is no such command")
                    if "--yes" in self.options(command)[0]:
                        words.append("--yes")
                    seen = program.run(*words, "-c", missing, config=False)
                    self.assertIn(missing, seen.stderr, seen)
        self.assertGreater(count, 30)

    def test_the_readme_leads_to_every_page(self):
        text = (ROOT / "README.md").read_text().partition("## The manual")[2]
        for file in (ROOT / "docs").iterdir():
            if file.suffix not in (".svg", ".png"):
                self.assertIn(f"](docs/{file.name})", text)
        self.assertIn("](how-it-works.svg)", page("how-it-works.md"))
        for file in (ROOT / "docs").glob("*.png"):
            self.assertIn(f"](docs/{file.name})", (ROOT / "README.md").read_text())

    def test_links_lead_somewhere(self):
        for file in PAGES:
            for target in re.findall(r"\]\((?!https://)([^)]+)\)", file.read_text()):
                path, _, anchor = target.partition("#")
                goal = file.parent / path if path else file
                with self.subTest(page=file.name, target=target):
                    self.assertTrue(goal.exists())
                    titles = re.findall(r"^#+ (.*)$", goal.read_text(), re.MULTILINE) if anchor else []
                    if anchor:
                        self.assertIn(anchor, [re.sub(r"[^\w -]", "", t).lower().replace(" ", "-") for t in titles])


class Configuration(Manual):
    def shown(self):
        """{(section, key): default or None} of the program."""
        result, section = {}, None
        for line in self.program("[directory]\nuri = ldaps://dc1\nbind = anonymous\n").run("config", "show").stdout.splitlines():
            if match := re.fullmatch(r"\[(\w+)\]", line):
                section = match[1]
            elif match := re.match(r"(?:# )?(\w+) (?:= (.*)|is not set)  # ", line):
                result[section, match[1]] = match[2] if line.endswith("# default") else None
        return result

    def example(self):
        """[(section, key, value, commented out, the comment above)] of the example."""
        result, section, comment = [], None, ""
        fresh = True
        for line in page("authcert.conf").splitlines():
            if match := re.fullmatch(r"\[(\w+)\]", line):
                section, fresh = match[1], True
            elif match := re.match(r"(#?)(\w+) = (.*)$", line):
                result.append((section, match[2], match[3], bool(match[1]), comment))
                fresh = True
            elif line.startswith("# "):
                comment = line if fresh else comment + " " + line[2:]
                fresh = False
        return result

    def test_every_setting_is_in_the_example_and_no_other_is(self):
        keys = [(section, key) for section, key, *_ in self.example()]
        self.assertEqual(len(keys), len(set(keys)), "a setting stands there twice")
        self.assertEqual(set(keys), set(self.shown()))

    def test_what_is_commented_out_is_the_default(self):
        shown = self.shown()
        for section, key, value, commented, _ in self.example():
            if commented and shown[section, key] is not None:
                self.assertEqual((section, key, value), (section, key, shown[section, key]))

    def test_every_setting_of_the_example_can_be_set(self):
        lines, section = [], None
        for name, key, value, _, _ in self.example():
            if (name, key) in (("directory", "domain"), ("directory", "site"), ("directory", "password_credential"),
                               ("mail", "password_credential"), ("state", "key_password_credential"),
                               ("state", "key_password")):
                continue  # refused, or instead of another one
            lines += [f"[{name}]"] if name != section else []
            lines.append(f"{key} = {value}")
            section = name
        program = self.program("\n".join(lines) + "\n")
        text = program.config.read_text()
        for secret in set(re.findall(r"/etc/authcert/[\w-]*password\b", text)):
            text = text.replace(secret, str(program.secret(secret.rsplit("/")[-1], "secret\n")))
        for address in set(re.findall(r"/etc/authcert/[\w-]*url\b", text)):
            text = text.replace(address, str(program.secret(address.rsplit("/")[-1], "https://contoso.test/secret\n")))
        for authority in set(re.findall(r"/etc/authcert/[\w-]*ca\.pem\b", text)):
            text = text.replace(authority, str(program.file(authority.rsplit("/")[-1], pki.authority().pem)))
        text = text.replace("/etc/authcert/recovery.crt", str(program.file("recovery.crt", pki.authority().pem)))
        program.config.write_text(text)
        seen = program.run("config", "check")
        self.assertEqual(seen.status, 0, seen)

    def test_five_lines_are_marked(self):
        edited = [(section, key) for section, key, _, _, comment in self.example() if comment.startswith("# EDIT: ")]
        self.assertEqual(edited, [("directory", "uri"), ("directory", "bind_dn"), ("mail", "relay"), ("mail", "from"),
                                  ("mail", "to")])
        self.assertEqual({name: list(keys) for name, keys in readme.settings(readme.section("Install")).items()},
                         {"directory": ["uri", "bind_dn"], "mail": ["relay", "from", "to"]})

    def test_the_manual_pages_have_every_setting_command_and_option(self):
        folder = self.program().folder / "man"
        subprocess.run(["/usr/bin/python3", str(ROOT / "man" / "pages"), str(ROOT / "docs"), "2026-11-22", str(folder)], check=True)
        made = {path.name: path.read_text().replace("\\-", "-").replace("\\(ti", "~") for path in folder.iterdir()}
        parts = re.split(r"^\.Sh THE SECTION (\w+)\n", made["authcert.conf.5"], flags=re.MULTILINE)
        explained = {(section.lower(), key) for section, text in zip(parts[1::2], parts[2::2])
                     for key in re.findall(r"^\.It Ic (\w+) = ", text, re.MULTILINE)}
        self.assertEqual(explained, set(self.shown()))
        parts = re.split(r"^\.S[sh] (.*)\n", made["authcert.1"], flags=re.MULTILINE)
        page = dict(zip(parts[1::2], parts[2::2]))
        for command in self.commands():
            self.assertIn(command, page)
            for option in self.options(command)[0]:
                self.assertRegex(page[command], rf'(?m)^\.It .*Cm "{option}"', command)


class Names(unittest.TestCase):
    def test_lifecycle_has_every_row_and_block_in_their_order(self):
        manual = sections(page("lifecycle.md"))
        self.assertEqual(first_cells(manual["The table"].partition("###")[0]),
                         [row for row in names("core/report.c", "row_name")])
        self.assertEqual(first_cells(manual["Blocks"]), names("core/report.c", "block_name")[1:])
        self.assertEqual(set(first_cells(manual["Status"])), set(names("core/report.c", "status_name")))
        self.assertEqual(set(first_cells(manual["What comes next"])), set(names("core/report.c", "due_name")))

    def test_lifecycle_names_what_each_row_does(self):
        """The act column has every act but those that are none, and those that no row decides."""
        table = sections(page("lifecycle.md"))["The table"].partition("###")[0]
        column = "".join(re.findall(r"\| ([^|]*) \| [^|]* \|$", table, re.MULTILINE))
        acts = set(names("core/report.c", "act_name")) - {"none", "refresh", "entra-add", "entra-remove"}  # which follows an act
        self.assertEqual(set(re.findall(r"`([a-z]+)`", column)), acts)

    def test_lifecycle_has_a_source_for_each_row(self):
        """A page of Microsoft's that is linked, Exchange itself, or "our choice" with the reason."""
        table, _, named = sections(page("lifecycle.md"))["The table"].partition("Sources that are named above:")
        linked = re.findall(r"\[([^]]+)\]\(https://", named.partition("###")[0])
        rows = re.findall(r"^\| `([a-z-]+)` \|.*\| ([^|]*) \|$", table, re.MULTILINE)
        self.assertEqual([row for row, _ in rows], names("core/report.c", "row_name"))
        for row, source in rows:
            with self.subTest(row):
                self.assertTrue(any(source.startswith(name) for name in (*linked, "Exchange 2013, ")) or
                                re.match(r"our choice: \w+ \w+", source), source)
        for name in linked:
            self.assertIn(name, "".join(source for _, source in rows))

    def test_lifecycle_knows_every_malformation(self):
        table = page("lifecycle.md").partition("### Malformed objects")[2].partition("\n\nWhat `run`")[0]
        bits = re.findall(r"MALFORMED_\w+ = ", (ROOT / "core" / "slots.h").read_text())
        # Two rows of the table stand for one each, but a lone previous and a lone next share one.
        self.assertEqual(len(re.findall(r"^\| ", table, re.MULTILINE)) - 1, len(bits) - 1)

    def test_json_has_the_words_of_every_list(self):
        rows = dict(re.findall(r"^\| `([^`]+)` \| [^|]* \| (.*) \|$", page("json.md"), re.MULTILINE))
        for key, source, function in (("decision.id", "core/report.c", "row_name"),
                                      ("decision.act", "core/report.c", "act_name"),
                                      ("decision.blocked.by", "core/report.c", "block_name"),
                                      ("status", "core/report.c", "status_name"),
                                      ("due[].what", "core/report.c", "due_name"),
                                      ("told[].result", "core/report.c", "told_result_name"),
                                      ("mode", "core/report.c", "mode_name"),
                                      ("certificates.SLOT.source", "core/facts.c", "source_name"),
                                      ("servers[].current", "core/facts.c", "presence_name"),
                                      ("hybrid", "core/facts.c", "answer_name")):
            with self.subTest(key=key):
                said = set(re.findall(r"`([a-z-]+)`", rows[key]))
                # Nothing is blocked by none, and what is done in Entra is never what was decided.
                expected = set(names(source, function)) - {"block_name": {"none"}, "act_name": {
                    "entra-add", "entra-remove"}}.get(function, set())
                self.assertEqual(said, expected)


def paths(value, path=""):
    """The keys of a report as the manual writes them: a.b, a[].b, certificates.SLOT.x."""
    if isinstance(value, dict):
        for key, member in value.items():
            key = "SLOT" if path == "certificates" and key in SLOTS else key
            inner = f"{path}.{key}" if path else key
            yield inner
            yield from paths(member, inner)
    elif isinstance(value, list):
        for member in value:
            yield from paths(member, path + "[]") if isinstance(member, (dict, list)) else ()


class Formats(unittest.TestCase):
    def test_keys_labels_and_metrics_are_those_of_real_answers(self):
        manual = sections(page("json.md"))
        reports, metrics, labels = [], "", ""
        with smtp.Relay() as relay, probed.Bed(current=pki.auth_certificate(21), hybrid=True) as bed:
            bed.program.change("mail", relay=f"smtp://127.0.0.1:{relay.port}", tls="off", to="a@contoso.test",
                               **{"from": "b@contoso.test"})
            textfile = bed.program.folder / "authcert.prom"
            bed.program.change("metrics", textfile=textfile)
            bed.servers.serve("ex1.contoso.test", None)
            for words in (("run",), ("renew",), ("check",)):
                reports.append(bed.run(*words).report)
            labels = bed.program.run("check", "--format", "nagios").stdout.split("|", 1)[1].splitlines()[0]
            metrics = textfile.read_text()
            bed.directory.stop()
            reports.append(bed.run("run").report)
            metrics += textfile.read_text()
        with renewal.Bed(current=pki.auth_certificate(-2), delivery=False) as bed:
            bed.run("recover", "--yes")
            reports.append(bed.run("check").report)
        with hybrid.Bed(pki.auth_certificate(21)) as bed:
            textfile = bed.program.folder / "authcert.prom"
            bed.program.change("metrics", textfile=textfile)
            reports.append(bed.run("run").report)
            metrics += textfile.read_text()
        seen = {path for report in reports for path in paths(report)}
        table = first_cells(manual["`--format json`"].partition("|---|")[2])
        self.assertEqual(set(table), seen)
        self.assertEqual([key for key in table if not re.search(r"[.\[]", key)], list(reports[0]), "order")
        self.assertEqual(first_cells(manual["`--format nagios`"]), re.findall(r"(\w+)=", labels))
        said = re.findall(r"^\| `(authcert_\w+)` \| ([^|]*)\|", manual["`--format prometheus`"], re.MULTILINE)
        self.assertEqual({name: set(re.findall(r"`(\w+)`", cell)) for name, cell in said},
                         {name: set(re.findall(r'(\w+)="', found)) - {"organization"}
                          for name, found in re.findall(r"^(\w+)\{(.*)\} ", metrics, re.MULTILINE)})


    def test_the_other_certificates_too(self):
        manual = sections(page("json.md"))["The other certificates"]
        gone = pki.authority().server("smtp.contoso.test")
        with inventory.Bed(servers=1, objects=[lambda o: places.send(o, "Out", places.name_of(gone))]) as bed:
            textfile = bed.program.folder / "authcert.prom"
            bed.program.change("metrics", textfile=textfile)
            report = bed.run("run").report["inventory"]
            labels = bed.program.run("--format", "nagios", "inventory").stdout.split("|", 1)[1].splitlines()[0]
            metrics = textfile.read_text()
        keys = first_cells(manual.partition("AUTHCERT INVENTORY")[0])
        self.assertEqual([key for key in keys if key in report], list(report))
        for key in ("certificates", "places", "connectors", "findings"):
            row = re.search(rf"^\| `{key}` \| [^|]* \| (.*) \|$", manual, re.MULTILINE)[1]
            self.assertLessEqual(set(report[key][0]), set(re.findall(r"`([a-z_-]+)`", row)), key)
        self.assertEqual([name for name in first_cells(manual.partition("AUTHCERT INVENTORY")[2]) if f"{name}=" in labels],
                         re.findall(r"(\w+)=", labels))
        said = re.findall(r"^\| `(authcert_\w+)` \| ([^|]*)\|", manual, re.MULTILINE)
        self.assertEqual({name: set(re.findall(r"`(\w+)`", cell)) for name, cell in said},
                         {name: set(re.findall(r'(\w+)="', found)) - {"organization"} for name, found in
                          re.findall(r"^(authcert_(?:place|finding)\w*)\{(.*)\} ", metrics, re.MULTILINE)})


class StateFolder(unittest.TestCase):
    def test_its_files_are_those_of_the_manual(self):
        manual = sections(page("commands.md"))["The state folder"]
        said = {name: mode for name, mode in re.findall(r"^\| `([\w.]+)/?` \| (\d{4}) \|", manual, re.MULTILINE)}
        with hybrid.Bed(pki.auth_certificate(21), keeps=False, known=False) as bed:
            bed.program.change("mail", relay="smtp://127.0.0.1:1", **{"from": "a@b.test", "to": "c@d.test"})
            bed.program.change("webhook", url_file=bed.program.secret("address", "http://127.0.0.1:1/hook"))
            bed.program.change("inventory", watch="yes",
                               ignore=[f"ex{number}.contoso.test" for number in (1, 2, 3)])  # nobody is asked
            bed.run("run")
            certificate = bed.program.file("auth.cer", pki.auth_certificate(300).der)
            self.assertEqual(bed.program.run("import", certificate).status, 0)
            self.assertEqual(bed.program.run("entra", "enroll").status, 0)
            seen = {path.name: f"{path.stat().st_mode & 0o7777:04o}" for path in bed.program.state.iterdir()}
            kept = [path for path in (bed.program.state / "keys").iterdir()]
            self.assertEqual([(path.suffix, path.stat().st_mode & 0o777) for path in kept], [(".candidate", 0o600)])
        self.assertEqual(said, seen)


if __name__ == "__main__":
    unittest.main()
