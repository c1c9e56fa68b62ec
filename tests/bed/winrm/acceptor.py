"""The server's side of a Kerberos log-in, by a GSS-API library that is loaded at run time: Samba's own, which is Heimdal
and shares no code with what authcert uses, or MIT's where there is no Samba.

    acceptor.use(keytab)                            once; its keys are all that is known
    context = acceptor.Context(binding=None)        binding: the bytes that a client must be bound to
    token = context.step(token)                     context.established
    context.unwrap(token), context.wrap(bytes)      wrap gives (header, rest), in Windows' shape
"""

import ctypes
import glob
import os
import struct

HEIMDAL = "/usr/lib/*/samba/libgssapi-samba4.so.0"
MIT = "libgssapi_krb5.so.2"
CONF = 16


class Buffer(ctypes.Structure):
    _fields_ = [("length", ctypes.c_size_t), ("value", ctypes.c_void_p)]


class Bindings(ctypes.Structure):
    _fields_ = [("initiator_type", ctypes.c_uint32), ("initiator", Buffer), ("acceptor_type", ctypes.c_uint32),
                ("acceptor", Buffer), ("application", Buffer)]


class Refused(Exception):
    """The ticket or the message is not good."""


library = None


def use(keytab, mit=False):
    global library
    found = [] if mit else glob.glob(HEIMDAL)
    os.environ["KRB5_KTNAME"] = f"FILE:{keytab}"
    os.environ["KRB5RCACHETYPE"] = "none"
    os.environ["KRB5RCACHENAME"] = "none:"
    # With Python's own lock held in every call: Samba's Heimdal is built without locks of its own, and threads break it.
    library = ctypes.PyDLL(found[0] if found else MIT)
    if library.krb5_gss_register_acceptor_identity(f"FILE:{keytab}".encode()) != 0:
        raise RuntimeError(f"no keys in {keytab}")
    return "Heimdal" if found else "MIT"


def _buffer(data):
    """The buffer, and what holds its bytes."""
    held = ctypes.create_string_buffer(bytes(data), len(data)) if data else None
    return Buffer(len(data), ctypes.cast(held, ctypes.c_void_p) if held else None), held


def _take(buffer):
    data = ctypes.string_at(buffer.value, buffer.length) if buffer.length else b""
    library.gss_release_buffer(ctypes.byref(ctypes.c_uint32()), ctypes.byref(buffer))
    return data


class Context:
    def __init__(self, binding=None):
        self.handle = ctypes.c_void_p()
        self.binding = binding
        self.established = False
        self.flags = 0

    def step(self, token):
        minor, flags, out = ctypes.c_uint32(), ctypes.c_uint32(), Buffer()
        given, held = _buffer(token)
        bindings, kept = None, None
        if self.binding is not None:
            application, kept = _buffer(self.binding)
            bindings = ctypes.byref(Bindings(0, Buffer(), 0, Buffer(), application))
        major = library.gss_accept_sec_context(ctypes.byref(minor), ctypes.byref(self.handle), None, ctypes.byref(given),
                                               bindings, None, None, ctypes.byref(out), ctypes.byref(flags), None, None)
        answer = _take(out)
        if major & 0xffff0000:
            raise Refused(f"accept: {major:#x} {minor.value:#x}", answer)
        self.flags = flags.value
        self.established = major == 0
        return answer

    def unwrap(self, token):
        minor, sealed, out = ctypes.c_uint32(), ctypes.c_int(), Buffer()
        given, held = _buffer(token)
        major = library.gss_unwrap(ctypes.byref(minor), self.handle, ctypes.byref(given), ctypes.byref(out),
                                   ctypes.byref(sealed), None)
        data = _take(out)
        if major or not sealed.value:
            raise Refused(f"unwrap: {major:#x} {minor.value:#x}", b"")
        return data

    def wrap(self, data, rotate=28):
        """Windows has header and trailer in front: the token turned right by their length (RFC 4121, 4.2.5)."""
        minor, sealed, out = ctypes.c_uint32(), ctypes.c_int(), Buffer()
        given, held = _buffer(data)
        major = library.gss_wrap(ctypes.byref(minor), self.handle, 1, 0, ctypes.byref(given), ctypes.byref(sealed),
                                 ctypes.byref(out))
        token = _take(out)
        if major or not sealed.value:
            raise Refused(f"wrap: {major:#x} {minor.value:#x}", b"")
        head, body = bytearray(token[:16]), token[16:]
        turned = struct.unpack(">H", head[6:8])[0] % max(len(body), 1)
        body = body[turned:] + body[:turned]
        head[6:8] = struct.pack(">H", rotate)
        if rotate:
            body = body[-rotate:] + body[:-rotate]
        token = bytes(head) + body
        header = 16 + rotate + 16 if rotate else 16
        return token[:header], token[header:]

    def close(self):
        if self.handle:
            library.gss_delete_sec_context(ctypes.byref(ctypes.c_uint32()), ctypes.byref(self.handle), None)
            self.handle = ctypes.c_void_p()
