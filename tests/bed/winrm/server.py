"""WinRM as Windows speaks it: HTTP with `Authorization: Kerberos`, sealed SOAP, the command shell. Behind it stands
stand_in.py. One process plays any number of servers, each at an address of its own:

    python3 server.py FOLDER KEYTAB [--mit] FQDN=ADDRESS...

FOLDER/FQDN/ holds a server's store, and "behaviour" (JSON), read for each request: what is wrong with it. FOLDER/log has
a line of JSON for each request that was understood; FOLDER/ready is there when all listen.

Behaviours: "status" (HTTP status for each request), "offers" (schemes of a 401), "no_proof" (a log-in without our token),
"unsealed", "fault" {action: code}, "fault_form" ("wmi"), "frame" (see FRAMES), "rotate", "close_after" (request number
after which the connection is closed), "drop" (action at which the connection breaks before it is done), "lose" (action at
which it breaks after), "huge" (bytes of an answer), "cut" (bytes of an answer that arrive), "chunked", "slow" (seconds
before each answer), "patience" (Receives that bring nothing), "split" (output in so many pieces), "stdout"/"stderr"
(instead of, or with "noise" around the script's), "exit", "state"; and those of stand_in.py.
"""

import base64
import json
import re
import ssl
import struct
import sys
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from xml.sax.saxutils import escape

import acceptor
import stand_in

TRANSFER = "http://schemas.xmlsoap.org/ws/2004/09/transfer/"
SHELL = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell"
ENVELOPE = ('<s:Envelope xml:lang="en-US" xmlns:s="http://www.w3.org/2003/05/soap-envelope" '
            'xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" '
            'xmlns:x="http://schemas.xmlsoap.org/ws/2004/09/transfer" '
            'xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd" '
            f'xmlns:rsp="{SHELL}" xmlns:p="http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd"><s:Header>'
            '<a:Action>{action}</a:Action><a:MessageID>uuid:{id}</a:MessageID>'
            '<a:To>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:To>'
            '<a:RelatesTo>{relates}</a:RelatesTo></s:Header><s:Body>{body}</s:Body></s:Envelope>')
FRAMES = ("tab", "no-tab", "extra-line", "blank-boundary")
PROTOCOLS = {"Kerberos": "application/HTTP-Kerberos-session-encrypted",
             "Negotiate": "application/HTTP-SPNEGO-session-encrypted"}
TIMED_OUT = 2150858793


class Fault(Exception):
    def __init__(self, code):
        super().__init__(code)
        self.code = code


class Machine:
    """One Windows server."""

    def __init__(self, folder, name):
        self.folder, self.name = Path(folder) / name, name
        self.folder.mkdir(parents=True, exist_ok=True)
        self.shells, self.lock = {}, threading.Lock()

    def behaviour(self):
        path = self.folder / "behaviour"
        return json.loads(path.read_text()) if path.exists() else {}

    def log(self, **what):
        with self.lock, open(self.folder.parent / "log", "a") as file:
            file.write(json.dumps({"server": self.name, **what}) + "\n")


def find(pattern, text, default=""):
    found = re.search(pattern, text, re.S)
    return found[1] if found else default


class Soap:
    """Answers one envelope."""

    def __init__(self, machine, behaviour):
        self.machine, self.behaviour = machine, behaviour

    def answer(self, text):
        action = find(r"<a:Action[^>]*>([^<]*)</a:Action>", text).rsplit("/", 1)[-1]
        relates = find(r"<a:MessageID>([^<]*)</a:MessageID>", text)
        self.machine.log(action=action)
        try:
            code = self.behaviour.get("fault", {}).get(action)
            if code:
                raise Fault(code)
            body = getattr(self, action.lower())(text)
        except Fault as fault:
            return 500, action, self.envelope("http://schemas.dmtf.org/wbem/wsman/1/wsman/fault", relates,
                                              self.fault(fault.code))
        said = (TRANSFER if action in ("Create", "Delete") else SHELL + "/") + action + "Response"
        return 200, action, self.envelope(said, self.behaviour.get("relates", relates), body)

    @staticmethod
    def envelope(action, relates, body):
        return ENVELOPE.format(action=action, id=str(uuid.uuid4()).upper(), relates=relates, body=body)

    def fault(self, code):
        subcode = "w:TimedOut" if code == TIMED_OUT else "w:AccessDenied" if code == 5 else "w:InternalError"
        if self.behaviour.get("fault_form") == "wmi":
            detail = ('<p:MSFT_WmiError xmlns:p="http://schemas.microsoft.com/wbem/wsman/1/wmi/root/wmi/MSFT_WmiError">'
                      f'<p:error_Code xmlns:xsi="i" xsi:type="cim:unsignedInt">{code}</p:error_Code></p:MSFT_WmiError>')
        else:
            detail = (f'<f:WSManFault xmlns:f="http://schemas.microsoft.com/wbem/wsman/1/wsmanfault" Code="{code}" '
                      f'Machine="{self.machine.name}"><f:Message>Die Anforderung ist fehlgeschlagen.</f:Message></f:WSManFault>')
        return (f'<s:Fault><s:Code><s:Value>s:Receiver</s:Value><s:Subcode><s:Value>{subcode}</s:Value></s:Subcode></s:Code>'
                '<s:Reason><s:Text xml:lang="de-DE">Der WS-Verwaltungsdienst kann die Anforderung nicht bearbeiten.</s:Text>'
                f'</s:Reason><s:Detail>{detail}</s:Detail></s:Fault>')

    def create(self, text):
        name = str(uuid.uuid4()).upper()
        self.machine.shells[name] = {}
        return ('<x:ResourceCreated><a:Address>http://localhost:5985/wsman</a:Address><a:ReferenceParameters>'
                f'<w:ResourceURI>{SHELL}/cmd</w:ResourceURI><w:SelectorSet><w:Selector Name="ShellId">{name}</w:Selector>'
                f'</w:SelectorSet></a:ReferenceParameters></x:ResourceCreated><rsp:Shell><rsp:ShellId>{name}</rsp:ShellId>'
                f'<rsp:ResourceUri>{SHELL}/cmd</rsp:ResourceUri><rsp:InputStreams>stdin</rsp:InputStreams>'
                '<rsp:OutputStreams>stdout stderr</rsp:OutputStreams></rsp:Shell>')

    def shell(self, text):
        found = self.machine.shells.get(find(r'<w:Selector Name="ShellId">([^<]*)<', text))
        if found is None:
            raise Fault(2150858843)
        return found

    def command(self, text):
        shell, name = self.shell(text), str(uuid.uuid4()).upper()
        line = find(r"<rsp:Command>([^<]*)</rsp:Command>", text)
        encoded = line.rsplit(" ", 1)[-1]
        if len(line) > 8191 or "$input" not in base64.b64decode(encoded).decode("utf-16-le"):
            raise Fault(87)
        shell[name] = {"out": b"", "errors": b"", "status": None, "waits": self.behaviour.get("patience", 0)}
        return f"<rsp:CommandResponse><rsp:CommandId>{name}</rsp:CommandId></rsp:CommandResponse>"

    def running(self, text):
        name = find(r'CommandId="([^"]*)"', text)
        return self.shell(text)[name], name

    def send(self, text):
        command, _ = self.running(text)
        given = base64.b64decode(find(r"<rsp:Stream [^>]*>([^<]*)<", text))
        if 'End="true"' not in text:
            raise Fault(87)
        behaviour = self.behaviour
        out, status = stand_in.run(self.machine.folder, self.machine.name, given, behaviour)
        if "noise" in behaviour:
            out = behaviour["noise"].encode() + b"\r\n" + out + behaviour["noise"].encode() + b"\r\n"
        command["out"] = behaviour["stdout"].encode() if "stdout" in behaviour else out
        command["errors"] = behaviour.get("stderr", "").encode()
        command["status"] = behaviour.get("exit", status)
        return "<rsp:SendResponse/>"

    def receive(self, text):
        command, name = self.running(text)
        if command["waits"] > 0:
            command["waits"] -= 1
            raise Fault(TIMED_OUT)
        pieces = self.behaviour.get("split", 1)
        size = max(1, -(-len(command["out"]) // pieces))
        out = [command["out"][at:at + size] for at in range(0, len(command["out"]), size)]
        streams = "".join(f'<rsp:Stream Name="stdout" CommandId="{name}">{base64.b64encode(part).decode()}</rsp:Stream>'
                          for part in out[:1] if part)
        command["out"] = b"".join(out[1:])
        if command["out"]:
            return (f'<rsp:ReceiveResponse>{streams}<rsp:CommandState CommandId="{name}" '
                    f'State="{SHELL}/CommandState/Running"/></rsp:ReceiveResponse>')
        if command["errors"]:
            streams += (f'<rsp:Stream Name="stderr" CommandId="{name}">'
                        f'{base64.b64encode(command["errors"]).decode()}</rsp:Stream>')
        if self.behaviour.get("never_ends"):
            time.sleep(0.2)
            raise Fault(TIMED_OUT)
        return (f'<rsp:ReceiveResponse>{streams}<rsp:Stream Name="stdout" CommandId="{name}" End="true"/>'
                f'<rsp:Stream Name="stderr" CommandId="{name}" End="true"/><rsp:CommandState CommandId="{name}" '
                f'State="{SHELL}/CommandState/Done"><rsp:ExitCode>{command["status"]}</rsp:ExitCode></rsp:CommandState>'
                '</rsp:ReceiveResponse>')

    def signal(self, text):
        self.running(text)
        return "<rsp:SignalResponse/>"

    def delete(self, text):
        self.machine.shells.pop(find(r'<w:Selector Name="ShellId">([^<]*)<', text), None)
        return ""


def frame(protocol, header, rest, plain, form):
    tab = b"" if form == "no-tab" else b"\t"
    boundary = b"-- Encrypted Boundary" if form == "blank-boundary" else b"--Encrypted Boundary"
    end = b"--\r\n\r\n" if form == "extra-line" else b"--\r\n"
    return (boundary + b"\r\n" + tab + b"Content-Type: " + protocol + b"\r\n" + tab
            + b"OriginalContent: type=application/soap+xml;charset=UTF-8;Length=%d\r\n" % plain
            + boundary + b"\r\n" + tab + b"Content-Type: application/octet-stream\r\n"
            + struct.pack("<I", len(header)) + header + rest + boundary + end)


def unframe(body):
    head = b"--Encrypted Boundary\r\n\tContent-Type: application/HTTP-"
    middle = b"--Encrypted Boundary\r\n\tContent-Type: application/octet-stream\r\n"
    end = b"--Encrypted Boundary--\r\n"
    if not body.startswith(head) or not body.endswith(end):
        raise acceptor.Refused("no frame", b"")
    sealed = body[body.index(middle) + len(middle):-len(end)]
    plain = int(re.search(rb"Length=(\d+)\r\n", body)[1])
    size = struct.unpack("<I", sealed[:4])[0]
    if size not in (60, 72):
        raise acceptor.Refused(f"a header of {size} bytes", b"")
    return sealed[4:], plain


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    timeout = 900

    def setup(self):
        super().setup()
        self.context, self.scheme, self.requests = None, "Kerberos", 0

    def finish(self):
        if self.context:
            self.context.close()
        super().finish()

    def log_message(self, *_):
        pass

    @property
    def machine(self):
        return self.server.machine

    def say(self, status, body=b"", type="application/soap+xml;charset=UTF-8", headers=()):
        behaviour = self.behaviour
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        if body:
            self.send_header("Content-Type", type)
        self.send_header("Server", "Microsoft-HTTPAPI/2.0")
        self.send_header("Date", self.date_time_string())
        if "huge" in behaviour and body:
            self.send_header("Content-Length", str(behaviour["huge"]))
            self.end_headers()
            self.flood(behaviour["huge"])
            return
        if behaviour.get("chunked") and body:
            self.send_header("Transfer-Encoding", "chunked")
            self.send_header("Trailer", "Microsoft-Trailer")
            self.end_headers()
            half = len(body) // 2
            for part in (body[:half], body[half:]):
                self.wfile.write(b"%x\r\n" % len(part) + part + b"\r\n")
            self.wfile.write(b"0\r\nMicrosoft-Trailer: done\r\n\r\n")
        else:
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[:behaviour["cut"]] if "cut" in behaviour else body)
            if "cut" in behaviour and len(body) > behaviour["cut"]:
                self.close_connection = True
        self.wfile.flush()

    def flood(self, size):
        try:
            for _ in range(size // 65536):
                self.wfile.write(b"x" * 65536)
        except OSError:
            pass
        self.close_connection = True

    def refuse(self, token=b""):
        offers = self.behaviour.get("offers", ["Negotiate", "Kerberos"])
        self.say(401, headers=[("WWW-Authenticate", f"{scheme} {base64.b64encode(token).decode()}".strip()
                                if scheme == self.scheme else scheme) for scheme in offers])

    def log_in(self):
        """The header for our own token; None when it was refused, or takes another turn."""
        self.scheme, _, token = self.headers["Authorization"].partition(" ")
        if self.context is None or self.context.established:
            self.context = acceptor.Context(self.server.binding)
        if self.scheme not in self.behaviour.get("offers", ["Negotiate", "Kerberos"]):
            self.refuse()
            return None
        try:
            answer = self.context.step(base64.b64decode(token))
        except acceptor.Refused as refused:
            self.machine.log(refused=str(refused.args[0]))
            self.context = None
            self.refuse(refused.args[1] if self.behaviour.get("tells") else b"")
            return None
        if not self.context.established:
            self.refuse(answer)
            return None
        self.machine.log(login=self.scheme)
        if self.behaviour.get("no_proof") or not answer:
            return []
        return [("WWW-Authenticate", f"{self.scheme} {base64.b64encode(answer).decode()}")]

    def do_POST(self):
        self.requests += 1
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.behaviour = behaviour = self.machine.behaviour()
        time.sleep(behaviour.get("slow", 0))
        if behaviour.get("once") and body:  # a fault that shows once
            (self.machine.folder / "behaviour").write_text(json.dumps(behaviour.get("then", {})))
        if "status" in behaviour:
            self.machine.log(status=behaviour["status"])
            self.say(behaviour["status"], b"<html><title>IIS</title></html>", "text/html")
            return
        headers = []
        if "Authorization" in self.headers:
            headers = self.log_in()
            if headers is None:
                return
            if not body:
                self.say(200, headers=headers)
                return
        if self.context is None or not self.context.established or behaviour.get("forgets"):
            self.machine.log(refused="no log-in")
            self.refuse()
            return
        self.serve(body, headers)

    def serve(self, body, headers):
        behaviour, plain = self.behaviour, body
        if not self.server.tls:
            try:
                token, length = unframe(body)
                plain = self.context.unwrap(token)
            except acceptor.Refused as refused:
                self.machine.log(refused=str(refused.args[0]))
                self.say(500)
                return
            if len(plain) != length:
                self.say(500)
                return
        text = plain.decode()
        action = find(r"<a:Action[^>]*>([^<]*)</a:Action>", text).rsplit("/", 1)[-1]
        if behaviour.get("drop") == action:
            self.machine.log(dropped=action)
            self.close_connection = True
            return
        status, action, said = Soap(self.machine, behaviour).answer(text)
        if behaviour.get("lose") == action:
            self.machine.log(lost=action)
            self.close_connection = True
            return
        said = behaviour.get("says", said).encode()
        if self.server.tls or behaviour.get("unsealed"):
            self.say(status, said, headers=headers)
            return
        header, rest = self.context.wrap(said, behaviour.get("rotate", 28))
        whole = frame(PROTOCOLS[self.scheme].encode(), header, rest, len(said), behaviour.get("frame"))
        if "damage" in behaviour:
            at = behaviour["damage"]
            whole = whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1:]
        self.say(status, whole, f'multipart/encrypted;protocol="{PROTOCOLS[self.scheme]}";boundary="Encrypted Boundary"',
                 headers)
        if behaviour.get("close_after") == self.requests:
            self.close_connection = True

    do_GET = do_POST


class Listener(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, machine, address, port, certificate=None, strict=True):
        super().__init__((address, port), Handler)
        self.machine, self.tls, self.binding = machine, certificate is not None, None
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            context.set_alpn_protocols(["h2", "http/1.1"])  # as http.sys offers
            self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
            self.binding = binding(certificate) if strict else None
            if (machine.folder / "bound").exists():
                self.binding = b"tls-server-end-point:" + b"x" * 32

    def handle_error(self, *_):
        pass


def binding(certificate):
    """tls-server-end-point (RFC 5929) of a certificate file."""
    import hashlib
    from cryptography import x509
    parsed = x509.load_pem_x509_certificate(Path(certificate).read_bytes())
    name = parsed.signature_hash_algorithm.name
    der = ssl.PEM_cert_to_DER_cert(parsed.public_bytes(__import__("cryptography").hazmat.primitives.serialization.Encoding.PEM).decode())
    return b"tls-server-end-point:" + hashlib.new("sha256" if name in ("md5", "sha1") else name, der).digest()


def main(folder, keytab, *words):
    mit = "--mit" in words
    acceptor.use(keytab, mit)
    for word in words:
        if word == "--mit":
            continue
        name, address = word.split("=")
        machine = Machine(folder, name)
        listeners = [Listener(machine, address, 5985)]
        certificate = Path(folder) / name / "tls.pem"
        if certificate.exists():
            listeners.append(Listener(machine, address, 5986, str(certificate)))
        for listener in listeners:
            threading.Thread(target=listener.serve_forever, args=(0.05,), daemon=True).start()
    (Path(folder) / "ready").touch()
    threading.Event().wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
