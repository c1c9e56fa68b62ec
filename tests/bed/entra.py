"""A stand-in for Entra: its token address and the two actions of Microsoft Graph that change an application's keys, over
HTTPS on loopback. What was signed is verified by python3-jwcrypto and python3-authlib, which share no code with authcert;
the answers have the shapes that were recorded of the real ones. It proves nothing about a real tenant.

    with entra.Entra() as cloud:
        app = cloud.application(keys=[certificate])       a tenant with its dedicated hybrid application
        cloud.section(app, mode="add")                    an [entra] section of a configuration
        app.thumbprints()                                 the keys that the application has
        cloud.asked                                       what token requests were made, oldest first
        cloud.changes                                     what was asked of Graph, and the status that came back

Switches stand in Entra's attributes; each says what it does.
"""

import base64
import datetime
import hashlib
import json
import ssl
import tempfile
import threading
import time
import urllib.parse
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pki
from authlib.jose import JsonWebSignature
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from jwcrypto import jwk, jws

BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
PROOF_AUDIENCE = "00000002-0000-0000-c000-000000000000"
TOLERANCE = 300
NOT_FOUND = {
    "old": "AADSTS700027: Client assertion contains an invalid signature. [Reason - The key was not found., "
           "Thumbprint of key used by client: '{0}'",
    "new": "AADSTS700027: The certificate with identifier used to sign the client assertion is not registered on "
           "application. [Reason - The key was not found., Thumbprint of key used by client: '{0}'"}


def decoded(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def digest(der, how):
    return base64.urlsafe_b64encode(how(der).digest()).decode().rstrip("=")


class Key:
    def __init__(self, der, waits=0):
        self.id, self.der = str(uuid.uuid4()), der
        self.waits = waits  # token requests that still do not see it
        self.thumbprint = hashlib.sha1(der).hexdigest().upper()

    def public(self):
        certificate = x509.load_der_x509_certificate(self.der)
        return certificate.public_key().public_bytes(serialization.Encoding.PEM,
                                                     serialization.PublicFormat.SubjectPublicKeyInfo)


class Application:
    def __init__(self, keys):
        self.tenant, self.id, self.object_id = (str(uuid.uuid4()) for _ in range(3))
        self.keys = [Key(one.der) for one in keys]
        self.enabled = True

    def thumbprints(self):
        return [key.thumbprint for key in self.keys]

    def upload(self, certificate):
        """What a person does in the portal; anything with `der`."""
        self.keys.append(Key(certificate.der))

    def lose(self, thumbprint):
        """What a second writer does that read the list before the key was added, and writes it back."""
        before = len(self.keys)
        self.keys = [key for key in self.keys if key.thumbprint != thumbprint]
        assert len(self.keys) < before, "there was no such key"

    def find(self, header):
        for key in self.keys:
            names = {"x5t#S256": digest(key.der, hashlib.sha256), "x5t": digest(key.der, hashlib.sha1),
                     "kid": key.thumbprint}
            present = [name for name in names if name in header]
            if present and all(header[name] == names[name] for name in present):
                return key
        return None


class Refused(Exception):
    def __init__(self, status, code, text):
        super().__init__(text)
        self.status, self.code = status, code


class Entra:
    def __init__(self):
        self.delay = 0          # so many token requests do not see an added key yet
        self.forbid = False     # addKey and removeKey answer 403
        self.policy = False     # addKey answers that the tenant's policy forbids such a certificate
        self.wording = "new"    # of 700027
        self.logins, self.graphs = [], []  # answers (status, headers, body) given instead of the next real ones
        self.after_add = None   # called with the application after a key was added, before the answer
        self.before = None      # called with the path before anything else
        self.skew = 0           # seconds that its clock is ahead
        self.clock = time.time
        self.applications, self.asked, self.changes, self.tokens = [], [], [], {}
        self.hung = threading.Event()  # set: whoever asks gets no answer
        self.lock = threading.RLock()

    def __enter__(self):
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                if outer.hung.is_set():
                    while outer.hung.is_set() and not outer.closing.wait(0.05):
                        pass
                    self.close_connection = True
                    return
                if outer.before:
                    outer.before(self.path)
                status, headers, text = outer.answer(self.path, self.headers, body)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_):
                pass

        class Quiet(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                pass

        self.closing = threading.Event()
        self.folder = tempfile.TemporaryDirectory(prefix="authcert-entra-")
        certificate, key = pki.authority().server("127.0.0.1", not_after=pki.now() + pki.days(7300)).write(self.folder.name, "tls")
        self.ca_file = Path(self.folder.name, "ca.pem")
        self.ca_file.write_bytes(pki.authority().pem)
        self.server = Quiet(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.url = f"https://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.closing.set()
        self.server.shutdown()
        self.server.server_close()
        self.folder.cleanup()

    # For the tests

    def application(self, keys=()):
        self.applications.append(Application(keys))
        return self.applications[-1]

    def section(self, *applications, mode="add", **more):
        """The [entra] section that leads here."""
        ids = {"object_id": ", ".join(f"{one.tenant}:{one.object_id}" for one in applications)} if applications else {}
        return {"mode": mode, "cloud": "custom", "login": self.url, "graph": self.url, "ca_file": self.ca_file, **ids, **more}

    def accepted(self, thumbprint=None):
        return [one for one in self.asked if one["accepted"] and thumbprint in (None, one["thumbprint"])]

    def added(self):
        """(application, thumbprint) of each addKey that was done."""
        return [(one["application"], one["thumbprint"]) for one in self.changes
                if one["action"] == "addKey" and one["status"] == 200]

    def removed(self):
        return [(one["application"], one["thumbprint"]) for one in self.changes
                if one["action"] == "removeKey" and one["status"] == 204]

    # What it does

    def now(self):
        return self.clock() + self.skew

    def answer(self, path, headers, body):
        parts = path.strip("/").split("/")
        with self.lock:
            if len(parts) == 4 and parts[1:] == ["oauth2", "v2.0", "token"]:
                return self.logins.pop(0) if self.logins else self.login(parts[0], path, body)
            if len(parts) == 4 and parts[:2] == ["v1.0", "applications"]:
                return self.graphs.pop(0) if self.graphs else self.graph(parts[2], parts[3], headers, body)
        return self.json(404, {"error": {"code": "Request_ResourceNotFound", "message": "no such path"}})

    def json(self, status, content, **headers):
        return status, {"Content-Type": "application/json; charset=utf-8", **headers}, json.dumps(content).encode()

    def failure(self, status, code, text):
        return self.json(status, {
            "error": "invalid_client" if status == 401 else "unauthorized_client", "error_description": text + " Trace ID: " +
            str(uuid.uuid4()), "error_codes": [code], "timestamp": "2026-11-21 02:00:00Z", "trace_id": str(uuid.uuid4()),
            "correlation_id": str(uuid.uuid4()), "error_uri": f"https://login.microsoftonline.com/error?code={code}"})

    def login(self, tenant, path, body):
        seen = {"tenant": tenant, "accepted": False, "thumbprint": None, "code": None}
        self.asked.append(seen)
        try:
            form = {name: values[0] for name, values in urllib.parse.parse_qs(body.decode(), strict_parsing=True).items()}
            seen["form"] = form
            application = self.check_login(tenant, path, form, seen)
        except Refused as refused:
            seen["code"] = refused.code
            return self.failure(refused.status, refused.code, str(refused))
        token = base64.urlsafe_b64encode(uuid.uuid4().bytes * 40).decode().rstrip("=") + ".secret-token." + uuid.uuid4().hex
        self.tokens[token] = (application, self.now() + 3599)
        seen["accepted"] = True
        return self.json(200, {"token_type": "Bearer", "expires_in": 3599, "ext_expires_in": 3599, "access_token": token})

    def check_login(self, tenant, path, form, seen):
        application = next((one for one in self.applications if one.tenant == tenant and one.id == form["client_id"]), None)
        if tenant not in [one.tenant for one in self.applications]:
            raise Refused(400, 90002, f"AADSTS90002: Tenant '{tenant}' not found.")
        if application is None:
            raise Refused(400, 700016, "AADSTS700016: Application was not found in the directory.")
        if not application.enabled:
            raise Refused(401, 7000112, "AADSTS7000112: Application is disabled.")
        if form.get("grant_type") != "client_credentials" or form.get("client_assertion_type") != BEARER:
            raise Refused(400, 900144, "AADSTS900144: a parameter is missing.")
        if not form.get("scope", "").endswith("/.default"):
            raise Refused(400, 70011, "AADSTS70011: The provided value for the input parameter 'scope' is not valid.")
        header, claims = (json.loads(decoded(part)) for part in form["client_assertion"].split(".")[:2])
        seen.update(header=header, claims=claims)
        if header.get("alg") not in ("PS256", "RS256"):
            raise Refused(401, 50027, "AADSTS50027: JWT token is invalid or malformed.")
        key = application.find(header)
        if key is not None:
            seen["thumbprint"] = key.thumbprint
        if key is None or key.waits > 0:
            if key is not None:
                key.waits -= 1
            raise Refused(401, 700027, NOT_FOUND[self.wording].format("0" * 40))
        self.verify(form["client_assertion"], key, header["alg"])
        if claims["aud"] != self.url + path:
            raise Refused(401, 700023, "AADSTS700023: Client assertion audience claim does not match.")
        if claims["iss"] != application.id or claims["sub"] != application.id:
            raise Refused(401, 50027, "AADSTS50027: JWT token is invalid or malformed.")
        if not claims["nbf"] - TOLERANCE <= self.now() <= claims["exp"] + TOLERANCE:
            raise Refused(401, 700024, "AADSTS700024: Client assertion is not within its valid time range.")
        return application

    @staticmethod
    def verify(token, key, algorithm):
        """By two libraries that authcert shares nothing with."""
        try:
            other = jws.JWS()
            other.allowed_algs = [algorithm]
            other.deserialize(token, jwk.JWK.from_pem(key.public()))
            JsonWebSignature([algorithm]).deserialize_compact(token.encode(), key.public())
        except Exception as error:
            raise Refused(401, 50027, f"AADSTS50027: JWT token is invalid or malformed. {error!r}") from None

    def refusal(self, status, code, message, **inner):
        return self.json(status, {"error": {"code": code, "message": message, "innerError": {
            "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S"),
            "request-id": str(uuid.uuid4()), "client-request-id": str(uuid.uuid4()), **inner}}})

    def graph(self, object_id, action, headers, body):
        seen = {"action": action, "object": object_id, "application": None, "thumbprint": None}
        answer = self.change(object_id, action, headers, body, seen)
        seen["status"] = answer[0]
        self.changes.append(seen)
        return answer

    def change(self, object_id, action, headers, body, seen):
        token = headers.get("Authorization", "").removeprefix("Bearer ")
        owner, expires = self.tokens.get(token, (None, 0))
        application = next((one for one in self.applications if one.object_id == object_id), None)
        if owner is None or expires < self.now():
            return self.refusal(401, "InvalidAuthenticationToken", "Access token has expired or is not yet valid.")
        if application is None:
            return self.refusal(404, "Request_ResourceNotFound", f"Resource '{object_id}' does not exist.")
        seen["application"] = application.id
        if owner is not application or self.forbid:
            return self.refusal(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
        content = json.loads(body)
        if not self.proves(application, content.get("proof", ""), seen):
            return self.refusal(401, "Authentication_MissingOrMalformed", "Access Token missing or malformed.")
        if action == "addKey":
            return self.add(application, content, seen)
        if action == "removeKey":
            return self.remove(application, content, seen)
        return self.refusal(400, "Request_BadRequest", "Resource not found for the segment.")

    def proves(self, application, proof, seen):
        try:
            header, claims = (json.loads(decoded(part)) for part in proof.split(".")[:2])
            key = application.find(header)
            seen["proof"] = (header, claims)
            if header["alg"] != "RS256" or "=" in proof or key is None or key.waits > 0:
                return False
            self.verify(proof, key, "RS256")
            return (claims["aud"] == PROOF_AUDIENCE and claims["iss"] == application.object_id and
                    claims["exp"] - claims["nbf"] <= 600 and claims["nbf"] - TOLERANCE <= self.now() <= claims["exp"] + TOLERANCE)
        except (Refused, ValueError, KeyError):
            return False

    def add(self, application, content, seen):
        wanted = content["keyCredential"]
        assert set(content) == {"keyCredential", "passwordCredential", "proof"} and content["passwordCredential"] is None
        assert (wanted["type"], wanted["usage"]) == ("AsymmetricX509Cert", "Verify"), wanted
        key = Key(base64.b64decode(wanted["key"], validate=True), self.delay)
        seen["thumbprint"] = key.thumbprint
        if self.policy:
            return self.refusal(400, "Request_BadRequest", "Credential lifetime exceeds the max value allowed as per "
                                "assigned policy '11111111-2222-3333-4444-555555555555'.")
        application.keys.append(key)
        if self.after_add:
            self.after_add(application)
        certificate = x509.load_der_x509_certificate(key.der)
        return self.json(200, {
            "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#microsoft.graph.keyCredential",
            "customKeyIdentifier": key.thumbprint, "displayName": None, "keyId": key.id, "key": None,
            "startDateTime": certificate.not_valid_before.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "endDateTime": certificate.not_valid_after.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "type": "AsymmetricX509Cert", "usage": "Verify"})

    def remove(self, application, content, seen):
        key = next((one for one in application.keys if one.id == content["keyId"]), None)
        if key is None:
            return self.refusal(400, "Request_BadRequest", "No credentials found to be removed.")
        seen["thumbprint"] = key.thumbprint
        application.keys.remove(key)
        return 204, {}, b""
