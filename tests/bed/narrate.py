"""What the demonstration shows with: steps, commands with their output, mails, and the auth configuration before and
after as `ldapsearch` prints it. What is not as it should be ends it by Disappointed.

`manner` is how: in full, or the gist of each step (`short`); with `keep`, a folder, the mails stay there as HTML.
"""

import datetime
import re
import subprocess
import textwrap
import types
from pathlib import Path

import slapd
import wait

WIDTH = 100
manner = types.SimpleNamespace(short=False, keep=None)
ATTRIBUTES = ("msExchAuthCertificateThumbprint", "msExchAuthNextEffectiveDate")


class Disappointed(Exception):
    """A step did not do what it says."""


def expect(true, otherwise, seen=""):
    if not true:
        raise Disappointed(f"{otherwise}\n{seen}")


def step(title, text=""):
    if manner.short:
        print(f"\n=== {title}: {re.split(r'(?<=[.?]) ', text, 1)[0]}" if text else f"\n=== {title}")
        return
    print(f"\n=== {title}\n")
    if text:
        print(textwrap.fill(text, WIDTH) + "\n")


def say(text):
    """What leads to the next lines, or makes more of them."""
    if not manner.short:
        print(text)


def show(text):
    say(textwrap.indent(text.rstrip("\n"), "    ") + "\n")


def show_line(text):
    """One line, in short as well."""
    print("    " + text + ("" if manner.short else "\n"))


def _pick(text, titles):
    """The first paragraph, and those that begin with one of the titles; what is left out becomes [...]."""
    shown = []
    for number, paragraph in enumerate(text.rstrip("\n").split("\n\n")):
        if number == 0 or paragraph.lstrip().startswith(titles):
            shown += ([""] if shown and shown[-1] != "[...]" else []) + [paragraph]
        elif shown[-1] != "[...]":
            shown.append("[...]")
    return "\n".join(shown)


def type_command(program, *words, status=0, only=None, now=None):
    """Runs a command as an admin would type it, shows its output, and expects its exit status.

    `only`: the titles of the sections to show after the first line. `now`: what its clock shows.
    """
    print(f"$ authcert {' '.join(words)}")
    seen = program.run(*words, now=now)
    answer = seen.stdout if only is None else _pick(seen.stdout, tuple(only)) + "\n"
    if manner.short:
        show_line(next(iter((seen.stdout + seen.stderr).splitlines()), ""))
    show(answer + seen.stderr)
    expect(seen.status == status, f"authcert {words[0]} ended with status {seen.status} instead of {status}")
    return seen


class Mailbox:
    """The mails of one recipient as they arrive at a relay, each taken once."""

    def __init__(self, relay, recipient):
        self.relay, self.recipient = relay, recipient
        self.taken = len(relay.messages)

    def expect_none(self):
        expect(len(self.relay.messages) == self.taken, "a mail arrived that nobody should get")

    def take(self, *words, only=None):
        """Shows the one mail that has arrived since the last time, and expects words in it. `only`: the titles of the
        sections to show below its subject."""
        new = self.relay.messages[self.taken:]
        self.taken += len(new)
        expect(len(new) == 1, f"{len(new)} mails arrived instead of one")
        message, mail = new[0], new[0].mail
        expect(message.tls, "the mail came without TLS")
        expect(message.recipients == [self.recipient], "the mail was for somebody else", message.recipients)
        plain = mail.get_body(preferencelist=("plain",))
        expect(plain is not None, "the mail has no plain text", message.data)
        body = plain.get_content().replace("\r\n", "\n")
        if manner.keep:
            html = mail.get_body(preferencelist=("html",)).get_content()
            Path(manner.keep, f"mail-{self.recipient.partition('@')[0]}-{self.taken}.html").write_text(html)
        if manner.short:
            show_line(f"mail: {mail['Subject']}")
        elif only is None:
            print(f"This mail arrived over SMTP with TLS, for {self.recipient}:\n")
            headers = "".join(f"{name}: {mail[name]}\n" for name in ("From", "To", "Date", "Subject") if mail[name])
            show(headers + "\n" + body)
        else:
            print("A mail arrived:\n")
            sections = [part for part in body.split("\n\n") if part.startswith(tuple(f"== {title}" for title in only))]
            show("\n\n".join([f"Date: {mail['Date']}\nSubject: {mail['Subject']}", *sections]))
        for word in words:
            expect(word in body, f"the mail does not say {word}", body)


class AuthConfiguration:
    """The auth configuration of an organization, asked for with ldapsearch by an administrator of the directory."""

    def __init__(self, directory, organization):
        self.directory, self.organization = directory, organization
        self.lines = self._search()

    def _search(self):
        command = ["ldapsearch", "-LLL", "-o", "ldif-wrap=no", "-Q", "-Y", "EXTERNAL", "-H", self.directory.local_uri,
                   "-s", "base", "-b", self.organization.auth_dn, *ATTRIBUTES]
        done = subprocess.run(command, capture_output=True, text=True, env=slapd.ENVIRONMENT, timeout=wait.HANG)
        expect(done.returncode == 0, "ldapsearch failed", done.stderr)
        return sorted(line for line in done.stdout.splitlines() if line and not line.startswith("dn:"))

    def _values(self, attribute):
        return [line.split(": ", 1)[1] for line in self.lines if line.startswith(attribute + ":")]

    @property
    def slots(self):
        """{"0": thumbprint, ...}"""
        return dict(value.split(":", 1) for value in self._values(ATTRIBUTES[0]))

    @property
    def date(self):
        """When next becomes current; None without a date."""
        dates = [datetime.datetime.strptime(value, "%Y%m%d%H%M%S.0Z") for value in self._values(ATTRIBUTES[1])]
        return dates[0].replace(tzinfo=datetime.timezone.utc) if dates else None

    def show(self):
        say(f"$ ldapsearch -LLL -s base -b '{self.organization.auth_dn}' \\\n    {' '.join(ATTRIBUTES)}")
        show("\n".join(self.lines))

    def expect_unchanged(self):
        expect(self._search() == self.lines, "the auth configuration has changed")

    def expect_change(self, *values):
        """Shows the values before and after, and expects these thumbprint values after."""
        before, self.lines = self.lines, self._search()
        if manner.short:
            show_line(f"directory: {', '.join(self._values(ATTRIBUTES[0]))}")
        say(f"What ldapsearch shows of {self.organization.name}, before:")
        show("\n".join(before))
        say("and after:")
        show("\n".join(self.lines))
        expect(sorted(self._values(ATTRIBUTES[0])) == sorted(values), "these are not the values that belong there",
               "\n".join(values))
