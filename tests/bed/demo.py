"""The demonstration that ./demo starts: demo.py PROGRAM.

A directory with an Exchange organization whose auth certificate ends in three weeks, a mail server, and authcert
between them, all on loopback and in temporary folders. Every step says what it does, shows what came of it, and ends
the demonstration with status 1 when that is not what it should be.
"""

import os
import signal
import sys
import textwrap

import exchange
import pki
import slapd
import smtp
from program import Program

RECIPIENT = "exchange-admins@contoso.test"


class Disappointed(Exception):
    """A step did not do what it says."""


def expect(true, otherwise, seen=""):
    if not true:
        raise Disappointed(f"{otherwise}\n{seen}")


def step(title, text=""):
    print(f"\n=== {title}\n")
    if text:
        print(textwrap.fill(text, 100) + "\n")


def show(text):
    print(textwrap.indent(text.rstrip("\n"), "    ") + "\n")


def type_command(program, *words, status=0, brief=False):
    """Runs a command as an admin would type it, shows its output (brief: its first and last part), and expects its
    exit status."""
    print(f"$ authcert {' '.join(words)}")
    seen = program.run(*words)
    parts = seen.stdout.rstrip("\n").split("\n\n")
    show((f"{parts[0]}\n[...]\n{parts[-1]}\n" if brief and len(parts) > 2 else seen.stdout) + seen.stderr)
    expect(seen.status == status, f"authcert {words[0]} ended with status {seen.status} instead of {status}")
    return seen


def show_mail(message):
    mail = message.mail
    plain = mail.get_body(preferencelist=("plain",))
    expect(plain is not None, "the mail has no plain text", message.data)
    headers = "".join(f"{name}: {mail[name]}\n" for name in ("From", "To", "Date", "Subject") if mail[name])
    show(headers + "\n" + plain.get_content().replace("\r\n", "\n"))
    return plain.get_content()


def demonstrate(executable, directory, relay, certificate):
    ends = certificate.not_after.strftime("%Y-%m-%d")
    step("An Exchange organization", "A directory server now holds the organization Contoso as Exchange keeps it: "
         f"three servers in two sites, and an auth certificate that ends on {ends}, in three weeks. Nobody has "
         "noticed: Exchange goes on working until that day, and then no longer lets anybody in.")
    show(f"directory      {directory.uri}\nmail server    {relay.uri}\nthumbprint     {certificate.thumbprint}\n"
         f"ends           {ends}")

    sections = {
        "directory": directory.directory_config(),
        "policy": {"mode": "monitor"},
        "mail": {"relay": relay.uri, "tls": "required", "ca_file": relay.ca_file, "from": "authcert@contoso.test",
                 "to": RECIPIENT},
    }
    with Program(sections, executable) as program:
        step("The configuration", "One small file: where the directory is, where mail goes. `config check` reads it "
             "strictly and names every mistake at once.")
        show(program.config.read_text())
        type_command(program, "config", "check")

        step("doctor", "Before anything depends on it: can it reach the directory, read what it needs, and send mail? "
             "What fails comes with the way to mend it.")
        type_command(program, "doctor")

        step("check", "Looks and judges, changes nothing, sends nothing. Exit status 1 is a warning, as monitoring "
             "systems expect it.")
        seen = type_command(program, "check", status=1)
        expect(certificate.thumbprint in seen.stdout and ends in seen.stdout,
               "check did not name the certificate and its end")
        expect(not relay.messages, "check sent mail")

        step("run, on the first night", "What the timer starts every night: look, judge, tell, remember. The "
             "certificate is within the threshold of 30 days, so somebody must be told.")
        type_command(program, "run", brief=True)
        expect(len(relay.messages) == 1, f"{len(relay.messages)} mails arrived instead of one")
        message = relay.messages[0]
        print(f"This mail arrived over SMTP{' with TLS' if message.tls else ''}, for {', '.join(message.recipients)}:\n")
        body = show_mail(message)
        expect(message.tls, "the mail came without TLS")
        expect(message.recipients == [RECIPIENT], "the mail was for somebody else", message.recipients)
        expect(certificate.thumbprint in body and ends in body, "the mail does not name the certificate and its end")

        step("run, once more the same night", "Nothing has changed and everybody knows: nothing is sent.")
        type_command(program, "run", brief=True)
        expect(len(relay.messages) == 1, "a second mail arrived")
        print("No mail arrived.")

        step("history", "What was seen and told, newest last.")
        seen = type_command(program, "history")
        expect(seen.stdout.strip(), "the history is empty")


def end(number, frame):
    """Leaves through every clean-up, which nothing interrupts any more."""
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)
    sys.exit(128 + number)


def main():
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, end)
    sys.stdout.reconfigure(line_buffering=True)
    certificate = pki.auth_certificate(not_after=pki.now() + pki.days(21.5))
    organization = exchange.Organization(current=certificate, servers=exchange.servers(3, sites=2))
    try:
        with slapd.Slapd([organization]) as directory, smtp.Relay(starttls=True) as relay:
            demonstrate(sys.argv[1], directory, relay, certificate)
    except (Disappointed, AssertionError) as failure:
        sys.exit(f"\nThe demonstration failed: {failure}")
    except BrokenPipeError:
        os._exit(1)  # nobody reads on; everything is cleaned up
    print("\nThat is all. The directory, the mail server and their folders are gone; only build/ stays.")


if __name__ == "__main__":
    main()
