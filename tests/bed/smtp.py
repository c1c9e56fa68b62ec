"""Mail relays on loopback: a real SMTP server, and relays that misbehave. Ports are the kernel's choice.

    with smtp.Relay(starttls=True, users={"agent": "secret"}) as relay:
        relay.uri                 smtp://127.0.0.1:PORT (smtps:// with smtps=True)
        relay.ca_file             the CA of its certificate
        relay.messages            what it took: .sender, .recipients, .data (bytes), .user, .tls, .mail (parsed), .body
                              (the plain text), .html

    with smtp.Hostile(smtp.hang) as relay: ...

As a program it is a mail sink: `smtp.py FOLDER` prints its URI, writes ca.pem and each message as NUMBER.eml into FOLDER
and ends when its standard input does.
"""

import asyncio
import email
import email.policy
import itertools
import logging
import os
import shutil
import socket
import ssl
import sys
import tempfile
import threading
import warnings

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

import pki
import wait
import wellformed

logging.getLogger("mail.log").disabled = True  # what clients do wrong is what the tests are about


class Message:
    """One message as a relay took it."""

    def __init__(self, session, envelope, user):
        self.sender = envelope.mail_from
        self.recipients = list(envelope.rcpt_tos)
        self.data = bytes(envelope.original_content)
        self.ehlo = session.host_name
        self.tls = session.ssl is not None
        self.user = user

    @property
    def mail(self):
        """Read by Python's email package, which knows nothing of the code that wrote it."""
        return email.message_from_bytes(self.data, policy=email.policy.SMTP)

    @property
    def body(self):
        """The plain text."""
        return self.mail.get_body(("plain",)).get_content().replace("\r\n", "\n")

    @property
    def html(self):
        """The HTML; None when there is none."""
        part = self.mail.get_body(("html",))
        return part and part.get_content().replace("\r\n", "\n")


class Relay:
    """See the module.

    starttls: offers it. smtps: speaks TLS from the first byte. users: AUTH is offered (inside TLS only, unless
    auth_in_clear) and required; without: mechanisms that are not offered. certificate: a pki certificate; names: those of one made by the shared CA. refuse:
    address -> reply to its RCPT, such as "550 5.1.1 no such user". refuse_sender, refuse_message, refuse_login:
    replies to MAIL, to the message and to AUTH. folder: messages are written there as well. slow: seconds after which it
    answers to a message.
    """

    def __init__(self, starttls=False, smtps=False, users=None, auth_in_clear=False, without=(), certificate=None,
                 names=("127.0.0.1", "localhost"), refuse=None, refuse_sender=None, refuse_message=None, refuse_login=None,
                 folder=None, slow=0):
        self.starttls, self.smtps, self.users, self.auth_in_clear = starttls, smtps, users, auth_in_clear
        self.without, self.certificate, self.names, self.folder = without, certificate, names, folder
        self.refuse, self.refuse_sender, self.refuse_message = dict(refuse or {}), refuse_sender, refuse_message
        self.refuse_login, self.slow = refuse_login, slow
        self.messages = []
        self.logins = []       # (mechanism, user) of every attempt
        self.malformed = []    # what is wrong with a message that was taken
        self.connections = 0
        self.port = 0

    # aiosmtpd's hooks

    async def handle_MAIL(self, server, session, envelope, address, options):
        if self.refuse_sender:
            return self.refuse_sender
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.refuse_message:
            return self.refuse_message
        await asyncio.sleep(self.slow)
        message = Message(session, envelope, getattr(session, "auth_data", None))
        self.messages.append(message)
        try:
            wellformed.check(message.data)
        except AssertionError as error:
            self.malformed.append(str(error))
        if self.folder:
            with open(os.path.join(self.folder, f"{len(self.messages):03}.eml"), "wb") as file:
                file.write(self.messages[-1].data)
        return "250 OK"

    def _authenticate(self, server, session, envelope, mechanism, data):
        user = data.login.decode() if isinstance(data, LoginPassword) else ""
        self.logins.append((mechanism, user))
        if self.refuse_login:
            return AuthResult(success=False, handled=False, message=self.refuse_login)
        good = isinstance(data, LoginPassword) and self.users.get(user) == data.password.decode()
        return AuthResult(success=good, handled=False, auth_data=user)

    # life

    def _session(self):
        self.connections += 1
        options = {"auth_exclude_mechanism": self.without if self.users else ("PLAIN", "LOGIN")}
        if self.starttls:
            options["tls_context"] = self.context
        if self.users:
            # Inside smtps aiosmtpd does not see the TLS, so it must not ask for STARTTLS.
            options.update(authenticator=self._authenticate, auth_required=True,
                           auth_require_tls=not (self.auth_in_clear or self.smtps))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return SMTP(self, hostname="relay.contoso.test", loop=self.loop, timeout=wait.HANG, **options)

    def __enter__(self):
        self.own = tempfile.mkdtemp(prefix="authcert-smtp-")
        self.ca_file = os.path.join(self.own, "ca.pem")
        with open(self.ca_file, "wb") as file:
            file.write(pki.authority().pem)
        self.context = None
        if self.starttls or self.smtps:
            certificate = self.certificate or pki.authority().server(*self.names)
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(*certificate.write(self.own, "server"))
        self.loop = asyncio.new_event_loop()
        self.loop.set_exception_handler(lambda loop, context: None)  # a client that goes away is no news
        self.server = self.loop.run_until_complete(self.loop.create_server(
            self._session, "127.0.0.1", 0, ssl=self.context if self.smtps else None))
        self.port = self.server.sockets[0].getsockname()[1]
        self.uri = f"{'smtps' if self.smtps else 'smtp'}://127.0.0.1:{self.port}"
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        async def end():
            self.server.close()
            tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

        asyncio.run_coroutine_threadsafe(end(), self.loop).result(wait.HANG)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(wait.HANG)
        self.loop.close()
        shutil.rmtree(self.own, ignore_errors=True)
        if self.malformed:
            raise AssertionError("\n\n".join(self.malformed))


class Hostile:
    """A relay made of one function that gets each connection: behave(connection, ended), ended being an Event."""

    def __init__(self, behave):
        self.behave = behave
        self.connections = 0
        self.ended = threading.Event()
        self.open = []

    def _serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            self.open.append(connection)
            threading.Thread(target=self._one, args=(connection,), daemon=True).start()

    def _one(self, connection):
        with connection:
            try:
                self.behave(connection, self.ended)
            except OSError:
                pass

    def __enter__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.uri = f"smtp://127.0.0.1:{self.port}"
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for connection in self.open:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        self.thread.join(wait.HANG)


def _converse(connection, until):
    """Answers as a plain relay does until a line begins with `until`; returns that line and what comes after it."""
    connection.sendall(b"220 relay.contoso.test ESMTP\r\n")
    in_message = False
    lines = connection.makefile("rb")
    for line in lines:
        word = line.strip().upper()
        if not in_message and word.startswith(until) or in_message and word == until:
            return itertools.chain([line], lines)
        if in_message:
            if word == b".":
                in_message = False
                connection.sendall(b"250 OK\r\n")
        elif word.startswith(b"DATA"):
            in_message = True
            connection.sendall(b"354 go on\r\n")
        else:
            connection.sendall(b"250 relay.contoso.test\r\n")
    return iter(())


def hang(connection, ended):
    """Accepts and never says a word."""
    ended.wait()


def hang_after_message(connection, ended):
    """Takes the whole message and never says whether it has it."""
    _converse(connection, b".")
    ended.wait()


def hang_after_message_to(connection, ended, refusal, refused):
    """Refuses one recipient, takes the whole message and never says whether it has it."""
    send = connection.sendall
    lines = iter(_converse(connection, b"RCPT"))
    for line in lines:
        if line.strip() == b".":
            ended.wait()
        elif line.startswith(b"RCPT") and refused in line:
            send(refusal)
        elif line.startswith(b"DATA"):
            send(b"354 go on\r\n")
        elif line.startswith(b"RCPT"):
            send(b"250 OK\r\n")


def hang_at_good_bye(connection, ended):
    """Takes the message, says so, and never says good-bye."""
    _converse(connection, b"QUIT")
    ended.wait()


def close_after_message(connection, ended):
    """Takes the whole message and hangs up."""
    _converse(connection, b".")


def close_at_once(connection, ended):
    """Hangs up."""


def close_at_recipient(connection, ended):
    """Hangs up in mid-dialogue."""
    _converse(connection, b"RCPT")


def busy(connection, ended):
    """Has no time now."""
    connection.sendall(b"421 4.3.2 relay.contoso.test too busy\r\n")
    ended.wait(wait.HANG)


def long_banner(connection, ended):
    """A greeting of one line of 1 MB."""
    connection.sendall(b"220 " + b"x" * 1024 * 1024 + b"\r\n")
    ended.wait()


def many_banner_lines(connection, ended):
    """A greeting that never ends."""
    while not ended.is_set():
        connection.sendall(b"220-relay.contoso.test welcomes you\r\n" * 1000)


def drip(connection, ended):
    """A greeting that goes on and on, one short line at a time."""
    while not ended.wait(0.2):
        connection.sendall(b"220-wait\r\n")


def no_smtp(connection, ended):
    """Another service, with bytes that a terminal would obey."""
    connection.sendall(b"\x1b[2J\x00HTTP/1.1 400 Bad Request\r\n\r\n")


def script(connection, ended, *replies):
    """Says one reply after another, each to what came since the last, and hangs up."""
    for reply in replies[:-1]:
        connection.sendall(reply)
        connection.recv(65536)
    connection.sendall(replies[-1])


def answer_to_message(connection, ended, reply):
    """Takes the whole message and says this of it."""
    _converse(connection, b".")
    connection.sendall(reply)
    connection.recv(65536)


def escaping_refusal(connection, ended):
    """Refuses every recipient with terminal escapes and bytes that are no UTF-8 in its reply."""
    for line in _converse(connection, b"RCPT"):
        refusal = b"550 \x1b[31mno\xff\xfe such user\r\n"
        connection.sendall(refusal if line.startswith(b"RCPT") else b"250 OK\r\n")


def main():
    folder = sys.argv[1]
    with Relay(starttls=True, folder=folder) as relay:
        shutil.copy(relay.ca_file, os.path.join(folder, "ca.pem"))
        print(relay.uri, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
