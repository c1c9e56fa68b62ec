"""A real mail transfer agent on loopback: Postfix with its own configuration, queue and mailboxes in a temporary folder.

    with mta.Postfix(users={"agent": "secret"}, mailboxes=["a@contoso.test"]) as relay:
        relay.uri                     smtp://127.0.0.1:PORT
        relay.ca_file                 the CA of its certificate
        relay.wait("a@contoso.test")  the messages in that mailbox (bytes, with Postfix' own headers on top), once there
        relay.log()

STARTTLS is offered and, with users, required before AUTH and AUTH before mail. Postfix asks somebody else for
passwords; here that is a small server of this module, which speaks Dovecot's authentication protocol. Needs root,
because Postfix changes to users of its own. The machine's Postfix and its configuration are not touched.
"""

import base64
import os
import resource
import shutil
import socket
import socketserver
import subprocess
import tempfile
import threading
from pathlib import Path

import pki
import wait

MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
mail_owner = postfix
setgid_group = postdrop
maillog_file = {folder}/log/mail.log
maillog_file_prefixes = {folder}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks =
myhostname = relay.contoso.test
mydestination =
alias_maps =
local_recipient_maps =
default_transport = error:this relay sends nothing out
relay_transport = error:this relay sends nothing out
smtpd_tls_security_level = {tls}
smtpd_tls_auth_only = yes
smtpd_tls_cert_file = {folder}/server.pem
smtpd_tls_key_file = {folder}/server.key
smtpd_sasl_auth_enable = {sasl}
smtpd_sasl_type = dovecot
smtpd_sasl_path = {folder}/auth
smtpd_relay_restrictions = permit_sasl_authenticated, permit_auth_destination, reject
smtpd_recipient_restrictions = check_recipient_access texthash:{folder}/refused, permit
smtpd_delay_reject = no
smtpd_client_connection_rate_limit = 0
strict_rfc821_envelopes = yes
virtual_mailbox_domains = contoso.test
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = texthash:{folder}/mailboxes
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
virtual_transport = virtual
"""

MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
proxymap unix - - n - - proxymap
postlog unix-dgram n - n - 1 postlogd
"""


class _Passwords(socketserver.ThreadingUnixStreamServer):
    """The server's side of Dovecot's authentication protocol, for PLAIN and LOGIN."""

    daemon_threads = True

    def __init__(self, path, users):
        self.users, self.tried = users, []
        super().__init__(str(path), _Asked)

    def verdict(self, number, user, password):
        self.tried.append(user)
        if self.users.get(user) == password:
            return f"OK\t{number}\tuser={user}"
        return f"FAIL\t{number}\tuser={user}"


class _Asked(socketserver.StreamRequestHandler):
    def say(self, line):
        self.wfile.write(line.encode() + b"\n")
        self.wfile.flush()

    def plain(self, number, given):
        _, user, password = given.decode().split("\0")
        self.say(self.server.verdict(number, user, password))

    def handle(self):
        for line in ("VERSION\t1\t1", "MECH\tPLAIN\tplaintext", "MECH\tLOGIN\tplaintext", "SPID\t1", "CUID\t1",
                     "COOKIE\t00112233445566778899aabbccddeeff", "DONE"):
            self.say(line)
        logins, plain = {}, set()
        for line in self.rfile:
            words = line.decode().rstrip("\n").split("\t")
            given = next((base64.b64decode(word[5:]) for word in words if word.startswith("resp=")), None)
            if words[0] == "AUTH" and words[2] == "PLAIN" and given is None:
                plain.add(words[1])
                self.say(f"CONT\t{words[1]}\t")
            elif words[0] == "AUTH" and words[2] == "PLAIN":
                self.plain(words[1], given)
            elif words[0] == "AUTH" and words[2] == "LOGIN":
                logins[words[1]] = []
                self.say(f"CONT\t{words[1]}\t" + base64.b64encode(b"Username:").decode())
            elif words[0] == "CONT" and words[1] in plain:
                self.plain(words[1], base64.b64decode(words[2]))
            elif words[0] == "CONT":
                said = logins[words[1]]
                said.append(base64.b64decode(words[2]).decode())
                if len(said) == 1:
                    self.say(f"CONT\t{words[1]}\t" + base64.b64encode(b"Password:").decode())
                else:
                    self.say(self.server.verdict(words[1], *said))


def _few_files():
    """Postfix closes every descriptor that could be open, which takes minutes where a thousand million could."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))


class Postfix:
    """See the module.

    refuse: address -> reply to its RCPT, such as "550 5.1.1 no such user". tls: "may", "encrypt" (mail only inside TLS)
    or "none" (not offered). certificate: a pki certificate; names: those of one made by the shared CA.
    """

    def __init__(self, mailboxes, users=None, refuse=None, tls="may", certificate=None, names=("127.0.0.1",)):
        self.mailboxes, self.users, self.tls = list(mailboxes), users, tls
        self.refused, self.certificate, self.names = dict(refuse or {}), certificate, names

    def __enter__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="authcert-mta-"))
        self.passwords = None
        try:
            self._prepare()
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _prepare(self):
        self.folder.chmod(0o755)  # Postfix' processes are of other users
        for name in "etc", "queue", "data", "log", "mail":
            (self.folder / name).mkdir()
        shutil.chown(self.folder / "data", "postfix")
        os.chown(self.folder / "mail", 65534, 65534)
        self.ca_file = str(self.folder / "ca.pem")
        Path(self.ca_file).write_bytes(pki.authority().pem)
        certificate = self.certificate or pki.authority().server(*self.names)
        (self.folder / "server.pem").write_bytes(certificate.pem)
        key = self.folder / "server.key"
        key.touch(0o600)
        key.write_bytes(certificate.key_pem)
        (self.folder / "mailboxes").write_text(
            "".join(f"{address} {address.split('@')[0]}/\n" for address in self.mailboxes))
        if self.users is not None:
            self.passwords = _Passwords(self.folder / "auth", self.users)
            (self.folder / "auth").chmod(0o666)
            threading.Thread(target=self.passwords.serve_forever, daemon=True).start()
        (self.folder / "refused").write_text("".join(f"{to} {reply}\n" for to, reply in self.refused.items()))

    def _postfix(self, command, check=True):
        return subprocess.run(["postfix", "-c", str(self.folder / "etc"), command], check=check, timeout=wait.HANG,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C"}, preexec_fn=_few_files)

    def _start(self):
        for _ in range(5):
            with socket.create_server(("127.0.0.1", 0)) as free:
                self.port = free.getsockname()[1]
            self.uri = f"smtp://127.0.0.1:{self.port}"
            (self.folder / "etc" / "main.cf").write_text(MAIN.format(
                folder=self.folder, tls=self.tls, sasl="yes" if self.users is not None else "no"))
            (self.folder / "etc" / "master.cf").write_text(MASTER.format(port=self.port))
            started = self._postfix("start", check=False)
            if started.returncode == 0 and self._answers():
                return
            self._postfix("abort", check=False)  # someone else took the port meanwhile
        raise AssertionError(f"Postfix does not start: {started.stdout}\n{self.log()}")

    def _answers(self):
        # It listens by the time that the start has ended.
        with socket.create_connection(("127.0.0.1", self.port), timeout=wait.HANG) as connection:
            return connection.recv(100).startswith(b"220 relay.contoso.test")

    def log(self):
        path = self.folder / "log" / "mail.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def messages(self, address):
        """What is in that mailbox, oldest first."""
        folder = self.folder / "mail" / address.split("@")[0] / "new"
        files = sorted(folder.glob("*"), key=lambda file: file.stat().st_mtime_ns) if folder.exists() else []
        return [file.read_bytes() for file in files]

    def wait(self, address, count=1):
        """The same once there are so many."""
        wait.until(lambda: len(self.messages(address)) >= count, self.folder / "mail", story=self.log)
        return self.messages(address)

    def __exit__(self, *_):
        if (self.folder / "etc" / "main.cf").exists():
            self._postfix("abort", check=False)
        if self.passwords:
            self.passwords.shutdown()
            self.passwords.server_close()
        shutil.rmtree(self.folder, ignore_errors=True)
