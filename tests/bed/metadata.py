"""Exchange servers as authcert sees them over HTTPS: nginx serves each one's metadata document under its own name, with
its own TLS certificate, at its own loopback address.

    with metadata.Servers(organization) as servers, slapd.Slapd([organization]) as directory:
        Program({"directory": directory.directory_config(), "servers": servers.section()},
                servers.executable(binary()))
        servers.install(certificate, "ex1.contoso.test")    into a server's store; without names, into every store
        servers.go_on(now, slots)                           what Exchange's servicelets do by themselves until then
        servers.cut_off("ex1.contoso.test")                 nobody listens at its address; back() ends that

A document lists current and previous as the server saw them at its last refresh, every 12 hours, without those that
have ended; next never. A server that lacks current answers with status 500. Further peers, good or bad, are added with
peer() before the start.
"""

import base64
import json
import os
import random
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import exchange
import hosts
import pki
import program
import wait
from cryptography import x509

PATH = "/autodiscover/metadata/json/1"
REFRESH = 12 * 3600
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def thumbprint_id(thumbprint):
    """x5t: a thumbprint as base64url without padding."""
    return base64.urlsafe_b64encode(bytes.fromhex(thumbprint)).decode().rstrip("=")


def signing_key(certificate, x5t=None, value=None):
    """One entry of keys[]."""
    return {"usage": "Signing",
            "keyinfo": {"x5t": thumbprint_id(certificate.thumbprint) if x5t is None else x5t},
            "keyvalue": {"type": "x509Certificate",
                         "value": base64.b64encode(certificate.der).decode() if value is None else value}}


def document(fqdn, certificates=(), realm="contoso.test", **more):
    """A metadata document as a dict; `more` replaces members."""
    return {"id": f"https://{fqdn}{PATH}", "version": "1.0", "name": "Exchange", "realm": realm,
            "serviceName": exchange.SERVICE_NAME, "issuer": f"{exchange.SERVICE_NAME}@{realm}",
            "allowedAudiences": [f"{exchange.SERVICE_NAME}/{fqdn}@{realm}"],
            "keys": [signing_key(certificate) for certificate in certificates],
            "endpoints": [{"location": f"https://{fqdn}{PATH}", "protocol": "OAuth2", "usage": "metadata"}], **more}


def of_pem(pem):
    """A certificate of which only the bytes are known; a key is not."""
    return pki.Certificate(x509.load_pem_x509_certificate(pem), None)


class Peer:
    """One name with an address and a TLS certificate. `location`: what nginx does there, None = serve the document.
    `listens`: False when somebody else does."""

    def __init__(self, fqdn, address, site="", tls=None, location=None, protocols="TLSv1.2 TLSv1.3", secure=True,
                 listens=True):
        self.fqdn, self.address, self.site, self.tls = fqdn, address, site, tls
        self.location, self.protocols, self.secure, self.listens = location, protocols, secure, listens
        self.holds = {}        # thumbprint -> certificate: its LocalMachine\\My
        self.slots = None      # as it saw them last
        self.built = 0         # when its document was made
        self.phase = 0         # of its refreshes
        self.away = False      # nobody can reach it, and it reaches nobody
        self.asleep = False    # its servicelets do not run

    def keys(self):
        """The certificates that its document lists; None when there can be none."""
        current, previous = ((self.slots or {}).get(slot) for slot in "01")
        if current not in self.holds:
            return None
        listed = [self.holds[one] for one in (current, previous) if one in self.holds]
        return [one for one in listed if one.not_after.timestamp() > self.built]


class Servers:
    """The counted servers of an exchange.Organization, each holding its current and previous. tls_name: the one name
    that all their certificates carry."""

    def __init__(self, organization=None, tls_name=None):
        self.ca, self.tls_name = pki.authority(), tls_name
        self.network = random.SystemRandom().randrange(1, 255)
        self.peers, self.names, self.process, self.port, self.offset = {}, hosts.Names(), None, 0, 0
        self.started = time.time()
        for number, server in enumerate((organization and organization.servers) or []):
            one = self.peer(server.name.lower() + ".contoso.test", site=server.site)
            one.phase = number * 2741 % REFRESH
        if organization:
            slots = {str(slot): one.thumbprint for slot, one in organization.slots() if hasattr(one, "thumbprint")}
            for _, one in organization.slots():
                self.install(one)
            self._see(self.peers.values(), slots, self.started)

    def peer(self, fqdn, **options):
        """One more name; before the start."""
        number = len(self.peers) + 1
        address = f"127.{self.network}.{number // 250}.{number % 250 + 1}"
        self.peers[fqdn] = Peer(fqdn, address, **options)
        return self.peers[fqdn]

    # Running

    def __enter__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="authcert-nginx-"))
        try:
            self.ca_file = self.folder / "ca.pem"
            self.ca_file.write_bytes(self.ca.pem)
            self.names.__enter__()
            for fqdn, peer in self.peers.items():
                self.names.names[fqdn] = peer.address
                self._prepare(peer)
            self.names.write()
            self.set_clock(time.time())
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.process:
            wait.end(self.process)
            for name in (f"faketime_shm_{self.process.pid}", f"sem.faketime_sem_{self.process.pid}"):
                Path("/dev/shm", name).unlink(missing_ok=True)
            self.process = None
        if self.names.folder:
            self.names.__exit__()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _prepare(self, peer):
        folder = self.folder / peer.fqdn
        folder.mkdir()
        if peer.listens and peer.secure:
            tls = peer.tls or self.ca.server(self.tls_name or peer.fqdn, not_after=pki.now() + pki.days(3650))
            tls.write(folder, "tls")
        self._publish(peer)

    def _configuration(self):
        user = "user root;\n" if os.getuid() == 0 else ""
        temporary = "".join(f"{name}_temp_path {self.folder}/temporary;\n" for name in TEMPORARY)
        servers = "".join(self._server(peer) for peer in self.peers.values() if peer.listens)
        return (f"{user}daemon off;\nworker_processes 1;\nworker_rlimit_nofile 8192;\npid {self.folder}/pid;\n"
                f"error_log {self.folder}/error.log;\nenv LD_PRELOAD;\nenv FAKETIME_TIMESTAMP_FILE;\n"
                "env FAKETIME_NO_CACHE;\nenv FAKETIME_DONT_FAKE_MONOTONIC;\nenv DONT_FAKE_MONOTONIC;\n"
                "env NO_FAKE_STAT;\nevents { worker_connections 6000; }\n"
                f"http {{\naccess_log off;\nserver_tokens off;\ndefault_type application/json;\n{temporary}"
                f"ssl_session_cache off;\nssl_session_tickets off;\n{servers}}}\n")

    def _server(self, peer):
        folder = self.folder / peer.fqdn
        secure = (f" ssl; ssl_certificate {folder}/tls.pem; ssl_certificate_key {folder}/tls.key; "
                  f"ssl_protocols {peer.protocols}; ssl_ciphers DEFAULT:@SECLEVEL=0;") if peer.secure else ";"
        location = peer.location or "try_files /document =500;"
        return (f"server {{ server_name {peer.fqdn}; listen {peer.address}:{self.port}{secure} root {folder}; "
                f"location = {PATH} {{ {location} }} }}\n")

    def _start(self):
        for _ in range(10):
            with socket.socket() as probe:
                probe.bind(("0.0.0.0", 0))
                self.port = probe.getsockname()[1]
            if self._began():
                return
        raise AssertionError("nginx did not start: " + (self.folder / "error.log").read_text())

    def _began(self):
        listening = [peer for peer in self.peers.values() if peer.listens]
        if not listening:
            return True
        (self.folder / "conf").write_text(self._configuration())
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", **program.clock(0),
                       "FAKETIME_TIMESTAMP_FILE": str(self.folder / "clock"), "FAKETIME_NO_CACHE": "1"}
        del environment["FAKETIME"]
        self.process = subprocess.Popen(["nginx", "-p", self.folder, "-c", self.folder / "conf", "-e",
                                         self.folder / "error.log"], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment,
                                        start_new_session=True)
        return wait.listening((listening[-1].address, self.port), self.process)

    # What the program needs to know

    def section(self, **changes):
        """The [servers] section of a configuration file as a dict; a value None leaves the key out."""
        section = {"probe": "metadata", "url": f"https://{{fqdn}}:{self.port}{PATH}", "tls_name": self.tls_name,
                   "ca_file": self.ca_file, "timeout": "10m", **changes}
        return {key: value for key, value in section.items() if value is not None}

    def executable(self, path):
        """A path that runs this program where the servers' names are known."""
        return self.names.executable(path)

    # What happens to the servers

    def set_clock(self, now):
        """What the clock of every server shows."""
        self.offset = int(now - time.time())
        path = self.folder / "clock"
        path.with_suffix(".new").write_text(f"{self.offset:+d}\n")
        path.with_suffix(".new").rename(path)

    def _chosen(self, names):
        return [self.peers[name] for name in names] if names else list(self.peers.values())

    def cut_off(self, *names):
        """Nobody listens at their addresses any more, and they see nothing of the directory."""
        for peer in self._chosen(names):
            peer.away = True
            self.names.point(peer.fqdn, f"127.{self.network}.255.254")

    def back(self, *names):
        for peer in self._chosen(names):
            peer.away = False
            self.names.point(peer.fqdn, peer.address)

    def install(self, certificate, *names):
        """Into the stores of these servers."""
        for peer in self._chosen(names):
            peer.holds[certificate.thumbprint] = certificate

    def remove(self, thumbprint, *names):
        for peer in self._chosen(names):
            peer.holds.pop(thumbprint, None)

    def go_on(self, now, slots):
        """Until `now` (seconds) the servers run by themselves, and the directory shows them these slots: each fetches what
        it lacks from a neighbour in its site, and makes its document anew when its 12 hours are over."""
        self.set_clock(now)
        here = [peer for peer in self.peers.values() if not peer.away and not peer.asleep]
        for peer in here:
            for thumbprint in slots.values():
                holder = next((one for one in here if one.site == peer.site and thumbprint in one.holds), None)
                if holder:
                    peer.holds[thumbprint] = holder.holds[thumbprint]
        for peer in self.peers.values():
            refresh = int((now - peer.phase) // REFRESH) * REFRESH + peer.phase
            if refresh > peer.built and not peer.asleep:
                self._see([peer], peer.slots if peer.away else slots, refresh)

    def refresh(self, slots=None, *names):
        """They make their documents anew at once, as after a restart of MSExchangeServiceHost and their pools."""
        self._see(self._chosen(names), slots, time.time() + self.offset)

    def tls(self, fqdn, certificate):
        """Its TLS certificate from now on."""
        certificate.write(self.folder / fqdn, "tls")
        wait.end(self.process)
        assert self._began()

    def _see(self, peers, slots, at):
        for peer in peers:
            peer.slots, peer.built = (peer.slots if slots is None else slots), at
            if self.process:
                self._publish(peer)

    def _publish(self, peer):
        listed = peer.keys()
        self.serve(peer.fqdn, None if listed is None else document(peer.fqdn, listed))

    def serve(self, fqdn, content):
        """What nginx answers with from now on: a document, or any bytes; None is status 500."""
        path = self.folder / fqdn / "document"
        if content is None:
            path.unlink(missing_ok=True)
            return
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        path.with_suffix(".new").write_bytes(data)
        path.with_suffix(".new").rename(path)
