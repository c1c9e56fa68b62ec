"""Ports that show certificates, as Exchange servers do: nginx for HTTPS and whatever else begins with TLS, Postfix for
STARTTLS. Each at an address of its own, on the usual ports; wants bed/netns.py.

    with ports.Ports() as shown:
        shown.show("127.0.1.1", 443, certificate)      a pki certificate; None hangs up
        shown.show("127.0.1.1", 25, certificate)       Postfix; STARTTLS is not offered where it is None
        shown.apply()                                  from now on
"""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import mta
import wait

MAIL = (25, 587)

NGINX = """daemon off; worker_processes 1; pid {folder}/nginx.pid; user root;
events {{ worker_connections 4000; }}
http {{ access_log off; ssl_session_cache off;
client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3; uwsgi_temp_path {folder}/t4;
scgi_temp_path {folder}/t5;
{servers}}}
"""
SERVER = """server {{ listen {address}:{port} ssl; ssl_protocols {protocols}; ssl_ciphers {ciphers};
ssl_certificate {folder}/{name}.pem; ssl_certificate_key {folder}/{name}.key; }}
"""
MAIN = """compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
mail_owner = postfix
setgid_group = postdrop
maillog_file = {folder}/log/mail.log
maillog_file_prefixes = {folder}
inet_interfaces = loopback-only
inet_protocols = ipv4
mynetworks =
myhostname = relay.contoso.test
mydestination =
local_recipient_maps =
alias_maps =
smtpd_tls_auth_only = yes
smtpd_client_connection_rate_limit = 0
default_transport = error:nothing goes out
"""
MASTER_REST = """cleanup unix n - n - 0 cleanup
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
anvil unix - - n - 1 anvil
proxymap unix - - n - - proxymap
postlog unix-dgram n - n - 1 postlogd
"""


class Ports:
    def __init__(self):
        self.shown = {}
        self.protocols = {}
        self.nginx = None
        self.postfix = False

    def __enter__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="authcert-ports-"))
        self.folder.chmod(0o755)
        for name in "etc", "queue", "data", "log":
            (self.folder / name).mkdir()
        shutil.chown(self.folder / "data", "postfix")
        return self

    def __exit__(self, *_):
        if self.nginx:
            wait.end(self.nginx)
        if self.postfix:
            self._postfix("abort")
        shutil.rmtree(self.folder, ignore_errors=True)

    def show(self, address, port, certificate, protocols="TLSv1.2 TLSv1.3"):
        """`certificate`: one of pki.py, which may have more behind it in its pem. `protocols` of nginx alone."""
        self.shown[address, port] = certificate
        self.protocols[address, port] = protocols

    def close(self, address, port):
        self.shown.pop((address, port), None)

    def _write(self, name, certificate):
        (self.folder / f"{name}.pem").write_bytes(certificate.pem)
        path = self.folder / f"{name}.key"
        path.touch(0o600)
        path.write_bytes(certificate.key_pem)

    def _nginx(self):
        servers = ""
        for (address, port), certificate in self.shown.items():
            if port in MAIL or certificate is None:
                continue
            name = f"web-{address}-{port}"
            old = "TLSv1 " in self.protocols[address, port] + " " or certificate.key.key_size == 1024
            self._write(name, certificate)
            servers += SERVER.format(address=address, port=port, folder=self.folder, name=name,
                                     protocols=self.protocols[address, port],
                                     ciphers='"DEFAULT:@SECLEVEL=0"' if old else "DEFAULT")
        (self.folder / "nginx.conf").write_text(NGINX.format(folder=self.folder, servers=servers))
        if self.nginx:
            wait.end(self.nginx)
        self.nginx = subprocess.Popen(["nginx", "-p", self.folder, "-c", self.folder / "nginx.conf", "-e",
                                       self.folder / "error.log"], stdin=subprocess.DEVNULL,
                                      stderr=subprocess.DEVNULL, start_new_session=True,
                                      env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"})
        for (address, port), certificate in self.shown.items():
            if port not in MAIL and certificate is not None:
                assert wait.listening((address, port), self.nginx), (self.folder / "error.log").read_text()

    def _postfix(self, command):
        return subprocess.run(["postfix", "-c", str(self.folder / "etc"), command], timeout=wait.HANG,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C"},
                              preexec_fn=mta._few_files)

    def _mail(self):
        lines = ""
        for (address, port), certificate in self.shown.items():
            if port not in MAIL:
                continue
            lines += f"{address}:{port} inet n - n - - smtpd\n"
            if certificate is None:
                lines += "  -o smtpd_tls_security_level=none\n"
                continue
            name = f"mail-{address}-{port}"
            self._write(name, certificate)
            lines += (f"  -o smtpd_tls_security_level=may\n  -o smtpd_tls_cert_file={self.folder}/{name}.pem\n"
                      f"  -o smtpd_tls_key_file={self.folder}/{name}.key\n")
        (self.folder / "etc/main.cf").write_text(MAIN.format(folder=self.folder))
        (self.folder / "etc/master.cf").write_text(lines + MASTER_REST)
        if self.postfix:
            self._postfix("abort")
            self.postfix = False
        if not lines:
            return
        done = self._postfix("start")  # it listens by the time that this has ended
        self.postfix = True
        assert done.returncode == 0, done.stdout

    def log(self):
        path = self.folder / "log/mail.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def apply(self):
        """What was said so far holds from now on."""
        self._nginx()
        self._mail()
