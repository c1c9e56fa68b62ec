"""The demonstration that ./demo starts: demo.py PROGRAM [--short] [--keep FOLDER].

A directory with an Exchange organization whose auth certificate ends in three weeks, web servers that play its Exchange
servers, a mail server, and authcert between them, all on loopback and in temporary folders: from the first warning to
the new certificate on every server. Then a second organization, whose certificate has ended already, and a hybrid one,
with a stand-in for Entra. Every step says
what it does, shows what came of it, and ends the demonstration with status 1 when that is not what it should be.
"""

import argparse
import contextlib
import json
import os
import re
import signal
import sys

import demo_hybrid
import entra
import exchange
import hosts
import metadata
import pki
import slapd
import smtp
from narrate import AuthConfiguration, Disappointed, Mailbox, expect, manner, say, show, step, type_command
from program import Program, configuration

DOMAIN = "contoso.test"
RECIPIENT = "exchange-admins@" + DOMAIN

# Opens the PFX with its password, as a server would that imports it, and answers for every server.
DELIVERY = """#!/bin/sh
set -eu
openssl pkcs12 -passin fd:3 -nokeys -out {folder}/opened.pem
echo "$AUTHCERT_THUMBPRINT as $AUTHCERT_SLOT for $AUTHCERT_SERVERS" >>{folder}/deliveries
for server in $AUTHCERT_SERVERS; do echo "$server present"; done
"""


class Site:
    """One organization, its directory, its Exchange servers, its mailbox, and the authcert that looks after it."""

    def __init__(self, stack, executable, relay, organization):
        self.organization, self.certificate = organization, organization.current
        self.servers = stack.enter_context(metadata.Servers(organization, tls_name=f"mail.{DOMAIN}"))
        self.directory = stack.enter_context(slapd.Slapd([organization]))
        self.program = stack.enter_context(Program({
            "directory": self.directory.directory_config(),
            "policy": {"mode": "monitor"},
            "servers": self.servers.section(),
            "mail": {"relay": relay.uri, "tls": "required", "ca_file": relay.ca_file, "from": "authcert@contoso.test",
                     "to": RECIPIENT},
        }, self.servers.executable(executable)))
        self.mailbox = Mailbox(relay, RECIPIENT)
        self.configured = AuthConfiguration(self.directory, organization)
        self.started = pki.now()
        self.brought = 0

    def clock(self, days):
        """What the clock shows so many days after the start. Until then Exchange goes on by itself."""
        now = (self.started + pki.days(days)).timestamp()
        self.servers.go_on(now, self.configured.slots)
        return now

    def add_delivery(self):
        """Configures a stand-in for the admin's delivery command, and a password for the keys; returns its text."""
        script = DELIVERY.format(folder=self.program.folder)
        self.program.change("delivery", method="command", command=self.program.file("deliver", script, 0o755))
        password = self.program.secret("key-password", "correct horse battery staple\n")
        self.program.change("state", directory=self.program.state, key_password_file=password)
        return script

    def bring(self):
        """What the stand-in got is in the servers' stores from now on."""
        done = self.deliveries()
        if len(done) > self.brought:
            self.servers.install(metadata.of_pem((self.program.folder / "opened.pem").read_bytes()))
        self.brought = len(done)

    def expect_served(self, seen, **expected):
        """How many servers the report of a check says to be in a state, for current."""
        found = re.findall(r"^ex\d+\.\S+ +\S+ +\S+ +(\w+)", seen.stdout, re.M)
        counts = {state: found.count(state) for state in set(found)}
        expect(counts == expected, f"the servers are not as they should be: {expected}")

    def document(self, name):
        """What a server serves now, without what takes much room."""
        served = json.loads((self.servers.folder / f"{name}.{DOMAIN}" / "document").read_text())
        shown = {member: served[member] for member in ("serviceName", "realm", "keys")}
        for key in shown["keys"]:
            key["keyvalue"]["value"] = key["keyvalue"]["value"][:32] + "..."
        return json.dumps(shown, indent=2)

    def deliveries(self):
        """What the stand-in noted, a line for each time."""
        path = self.program.folder / "deliveries"
        return path.read_text().splitlines() if path.exists() else []

    def expect_delivered(self, thumbprint, slot):
        say("The stand-in opened the PFX with its password and noted:")
        show("\n".join(self.deliveries()))
        names = [server.name.lower() + ".contoso.test" for server in self.organization.servers]
        expect(self.deliveries() == [f"{thumbprint} as {slot} for {' '.join(names)}"], "that is not what was due")
        key = self.program.state / "keys" / f"{thumbprint}.key"
        expect(key.exists() and key.stat().st_mode & 0o777 == 0o600, "the private key is not kept on this host")
        expect("ENCRYPTED" in key.read_text(), "the private key is not encrypted")
        say(f"The private key stays here, encrypted: {key}\n")

    def expect_quiet(self):
        self.mailbox.expect_none()
        self.configured.expect_unchanged()
        say("No mail arrived, and the auth configuration is as it was.")

    def expect_done(self, seen, *acts):
        """The acts that a run reports, in order, all well; returns the thumbprint of the last."""
        done = re.findall(r"^  (\w+) ([0-9A-F]{40}): (\w+)$", seen.stdout, re.M)
        expect([(act, result) for act, _, result in done] == [(act, "ok") for act in acts],
               f"it did not do: {', '.join(acts)}")
        return done[-1][1] if done else None


def warn(site, relay):
    certificate = site.certificate
    ends = certificate.not_after.strftime("%Y-%m-%d")
    step("An Exchange organization", "A directory server now holds the organization Contoso as Exchange keeps it: "
         f"three servers in two sites, and an auth certificate that ends on {ends}, in three weeks. Nobody has "
         "noticed: Exchange goes on working until that day, and then no longer lets anybody in.")
    show(f"directory      {site.directory.uri}\nmail server    {relay.uri}\nthumbprint     {certificate.thumbprint}\n"
         f"ends           {ends}")
    site.configured.show()
    say("That is all that Exchange keeps there: no certificate, no date. But each server serves a document, to anybody,\n"
          "that holds the certificates it signs with. Here a web server plays them, on loopback. EX1's:\n")
    show(site.document("ex1"))

    step("The configuration", "One small file: where the directory is, where mail goes. [servers] is here because of "
         "the ports; tls_name is the name that Exchange servers usually carry in their TLS certificates, instead of "
         "their own. `config check` reads it strictly and names every mistake at once.")
    show(site.program.config.read_text())
    type_command(site.program, "config", "check")

    step("doctor", "Before anything depends on it: can it reach the directory and the servers, read what it needs, "
         "and send mail? What fails comes with the way to repair it.")
    type_command(site.program, "doctor")

    step("check", "Looks and judges, changes nothing, sends nothing. The certificate itself comes from the servers, "
         "proved by its thumbprint. Exit status 1 is a warning, as monitoring systems expect it.")
    seen = type_command(site.program, "check", status=1)
    expect(certificate.thumbprint in seen.stdout and ends in seen.stdout,
           "check did not name the certificate and its end")
    expect("metadata" in seen.stdout, "the certificate did not come from the servers")
    site.expect_served(seen, present=3)
    site.mailbox.expect_none()

    step("run, on the first night", "What the timer starts every night: look, judge, tell, remember. The "
         "certificate is within the threshold of 30 days, so somebody must be notified.")
    type_command(site.program, "run", only=["Told"])
    site.mailbox.take(certificate.thumbprint, ends)

    step("run, once more the same night", "Nothing has changed and everybody knows: nothing is sent.")
    type_command(site.program, "run", only=[])
    site.expect_quiet()


def renew(site):
    old, program = site.certificate.thumbprint, site.program
    step("mode = renew", "From now on authcert may act. It needs a password that encrypts the keys it makes, and a "
         "command of the admin's that brings a certificate to the Exchange servers: the PFX comes on standard input, "
         "its password on descriptor 3, and the answer is a line for each server. Here a stand-in answers.")
    script = site.add_delivery()
    program.change("policy", mode="renew")
    show(configuration({name: program.sections[name] for name in ("policy", "delivery", "state")}))
    show(script)
    seen = type_command(program, "doctor")
    expect("ok      delivery: " in seen.stdout, "doctor did not look at the delivery command")

    step("renew --dry-run", "What would be done, to the letter: the delivery, and the change of the directory as LDIF. "
         "Nothing is done.")
    type_command(program, "renew", "--dry-run", only=[])
    site.configured.expect_unchanged()
    expect(not site.deliveries() and not list((program.state / "keys").glob("*")), "the dry run did something")

    step("run, on the second night: deliver and stage", "A key pair and a certificate for five years are made and "
         "kept, delivered, and only then written into the directory as next, with the date on which it takes over: a "
         "week before the old one ends.")
    seen = type_command(program, "run", only=["Done", "Told"], now=site.clock(1))
    new = site.expect_done(seen, "deliver", "stage")
    site.expect_delivered(new, "next")
    site.configured.expect_change(f"0:{old}", f"2:{new}")
    site.bring()
    expect(site.configured.date == site.certificate.not_after - pki.days(7), "the date is not a week before the end")
    site.mailbox.take(new, only=["What was done", "Time line"])

    if manner.keep:
        seen = program.run("report", os.path.join(os.path.abspath(manner.keep), "report.html"), now=site.clock(1))
        expect(seen.status == 0, "there is no report page", seen)

    step("run, on the third night", "All is prepared: nothing to do, nothing to tell.")
    seen = type_command(program, "run", only=["Exchange servers", "Done", "Told"], now=site.clock(2))
    site.expect_done(seen)
    site.expect_served(seen, present=3)
    site.expect_quiet()

    step("run, two weeks later: activate", "The date has come. The new certificate becomes current; the old one stays "
         "as previous, since tokens signed with it are still about. Nobody is locked out at any moment. Exchange itself "
         "takes up to 12.5 hours to notice.")
    seen = type_command(program, "run", only=["Done", "Told"], now=site.clock(15))
    expect(site.expect_done(seen, "activate") == new, "it activated another certificate")
    site.configured.expect_change(f"0:{new}", f"1:{old}")
    expect(site.configured.date is None, "the date is still there")
    site.mailbox.take(new, only=["What was done", "Time line"])

    step("check, at once and 14 hours later", "Every server has the certificate, for it was delivered. Which of them "
         "serve it already, their documents say: at first none, then all.")
    for hours, serving in ((0, "0 of 3 servers serve it"), (14, "all 3 servers serve it")):
        seen = type_command(program, "check", only=["Exchange servers", "Decision"], now=site.clock(15 + hours / 24))
        expect(serving in " ".join(seen.stdout.split()), f"check did not say: {serving}")
        site.expect_served(seen, present=3)
    say("What EX1 serves then:\n")
    show(site.document("ex1"))

    step("run, another week later: retire", "No token signed with the old certificate is alive any more: it is taken "
         "out. It ended yesterday, and nobody noticed.")
    seen = type_command(program, "run", only=["Done", "Told"], now=site.clock(22.5))
    expect(site.expect_done(seen, "retire") == old, "it retired another certificate")
    site.configured.expect_change(f"0:{new}")
    site.mailbox.take(old, only=["What was done"])

    step("check and history", "All is well for five years, and everything that was done and sent can be looked up.")
    seen = type_command(program, "check", only=["Certificates", "Exchange servers", "What comes next"],
                        now=site.clock(23.5))
    site.expect_served(seen, present=3)
    seen = type_command(program, "history", now=site.clock(23.5))
    expect(seen.stdout.count("  done ") == 4 and seen.stdout.count("  told ") == 4, "the history is not complete")


def recover(site):
    old, program = site.certificate.thumbprint, site.program
    step("The worst night: another organization", "Fabrikam never had authcert. Its certificate ended two days ago: "
         "Outlook on the web and the admin center fail, and Exchange's own management shell with them. An admin "
         "installs authcert, writes the configuration (the mode is still monitor), and looks. No server lists a "
         "certificate that has ended, so what it was nobody can say, but that it has ended: exit status 2, and one command.")
    site.add_delivery()
    seen = type_command(program, "check", status=2, only=["Certificates", "Exchange servers", "Decision"])
    expect(f"{old} has very probably ended" in seen.stdout, "check did not say that it has ended")
    expect("authcert" in seen.stdout and " recover\n" in seen.stdout, "check did not name the command")
    site.expect_served(seen, unknown=2)
    site.configured.show()

    step("recover", "One command: takes any usable certificate that is there, else makes one, delivers it, and makes "
         "it current at once. It asks before it acts; --yes is the answer. What is left to do by hand, it says.")
    seen = type_command(program, "recover", "--yes", only=["Done", "Told"])
    new = site.expect_done(seen, "deliver", "replace")
    expect("MSExchangeServiceHost" in seen.stderr, "it did not say what is left to do")
    site.expect_delivered(new, "current")
    site.configured.expect_change(f"0:{new}", f"1:{old}")
    site.bring()
    site.mailbox.take(new, "MSExchangeServiceHost", only=["What was done", "What to do"])

    step("check, after those restarts", "Exit status 0, and the new certificate is on every server.")
    site.servers.refresh(site.configured.slots)
    seen = type_command(program, "check", only=["Certificates", "Exchange servers", "Decision"])
    expect("all 2 servers serve it" in " ".join(seen.stdout.split()), "the servers do not serve it")


def end(number, frame):
    """Leaves through every clean-up, which nothing interrupts any more."""
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)
    sys.exit(128 + number)


def main():
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, end)
    sys.stdout.reconfigure(line_buffering=True)
    arguments = argparse.ArgumentParser(prog="./demo")
    arguments.add_argument("program", help=argparse.SUPPRESS)
    arguments.add_argument("--short", action="store_true", help="the gist of each step")
    arguments.add_argument("--keep", metavar="FOLDER", help="leave the mails and a report page there, as HTML")
    arguments.parse_args(namespace=manner)
    executable = manner.program
    contoso = exchange.Organization(current=pki.auth_certificate(21.5), servers=exchange.servers(3, sites=2), data=[])
    fabrikam = exchange.Organization(name="Fabrikam", servers=exchange.servers(2), data=[], changed=pki.now() - pki.days(1800),
                                     current=pki.auth_certificate(-1.9, key=pki.new_key()))
    try:
        with contextlib.ExitStack() as stack:
            relay = stack.enter_context(smtp.Relay(starttls=True))
            site = Site(stack, executable, relay, contoso)
            warn(site, relay)
            renew(site)
            recover(Site(stack, executable, relay, fabrikam))
            cloud = stack.enter_context(entra.Entra())
            app = cloud.application()
            demo_hybrid.follow(Site(stack, executable, relay, demo_hybrid.organization(app)), cloud, app)
    except hosts.Impossible as why:
        sys.exit(str(why))
    except (Disappointed, AssertionError) as failure:
        sys.exit(f"\nThe demonstration failed: {failure}")
    except BrokenPipeError:
        os._exit(1)  # nobody reads on; everything is cleaned up
    print("\nThat is all. The directories, the mail server and their folders are gone; only build/ stays.")


if __name__ == "__main__":
    main()
