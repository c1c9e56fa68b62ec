"""Is this a mail that any reader understands? Asked of every message that a relay of the tests takes.

    wellformed.check(data)      the parsed message; AssertionError says what is wrong

The reader is Python's email package, which knows nothing of the code that wrote the message.
"""

import email
import email.policy
import email.utils
import html.parser
import re

ONCE = ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Auto-Submitted", "X-Auto-Response-Suppress",
        "List-Id", "Thread-Topic", "Content-Type")
AT_MOST_ONCE = ("In-Reply-To", "References", "Importance", "Content-Transfer-Encoding")
NEVER = ("Bcc", "Cc", "Reply-To", "Sender", "Resent-To")
MESSAGE_ID = re.compile(r"<[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9.-]+>")
STATES = ("OK", "WARNING", "CRITICAL", "UNKNOWN", "RECOVERED", "DONE", "FAILED", "BLOCKED", "TEST")
ALLOWED_SCHEMES = ("mailto:", "#")


def _fail(what, data):
    raise AssertionError(f"not a well-formed mail: {what}\n{data.decode('utf-8', 'backslashreplace')}")


class _Markup(html.parser.HTMLParser):
    """Tags that open and close as they should, and nothing fetched or executed."""

    EMPTY = {"meta", "br", "hr", "img", "col"}

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.wrong, self.words = [], [], []

    def handle_starttag(self, tag, attributes):
        if tag in ("script", "iframe", "object", "embed", "link", "form", "base", "svg"):
            self.wrong.append(f"a {tag} element")
        for name, value in attributes:
            if name.startswith("on"):
                self.wrong.append(f"{tag} {name}=")
            if name in ("src", "href", "background") and not (value or "").startswith(ALLOWED_SCHEMES):
                self.wrong.append(f"{tag} {name}={value}")
            if name == "style" and re.search(r"url\(|expression|@import", value or "", re.IGNORECASE):
                self.wrong.append(f"{tag} style={value}")
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> where it does not belong")

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("style", "title"):
            self.words.append(data)


def _check_lines(data):
    if re.search(rb"\r(?!\n)|(?<!\r)\n", data):
        _fail("a CR or LF alone", data)
    if not data.isascii():
        _fail("bytes that are no ASCII", data)
    for line in data.split(b"\r\n"):
        if len(line) > 998:
            _fail(f"a line of {len(line)} characters", data)
    if b"\0" in data:
        _fail("a NUL", data)


def _check_headers(mail, data):
    for name in ONCE:
        if len(mail.get_all(name, [])) != 1:
            _fail(f"{len(mail.get_all(name, []))} {name} headers", data)
    for name in AT_MOST_ONCE:
        if len(mail.get_all(name, [])) > 1:
            _fail(f"several {name} headers", data)
    for name in NEVER:
        if name in mail:
            _fail(f"a {name} header", data)
    for name, value in mail.items():
        if getattr(value, "defects", ()):
            _fail(f"{name}: {value.defects}", data)
        if any(ord(character) < 0x20 and character != "\t" or ord(character) == 0x7F for character in str(value)):
            _fail(f"{name} holds a control character", data)
    if mail["Auto-Submitted"] != "auto-generated" or mail["X-Auto-Response-Suppress"] != "All":
        _fail("out-of-office answers are not held back", data)
    if not MESSAGE_ID.fullmatch(str(mail["Message-ID"])):
        _fail("the Message-ID is none", data)
    if mail["Date"].datetime is None or mail["Date"].datetime.tzinfo is None:
        _fail("the Date is none", data)
    if mail["References"] != mail["In-Reply-To"]:
        _fail("In-Reply-To and References differ", data)
    if mail["In-Reply-To"] is not None and (not MESSAGE_ID.fullmatch(str(mail["In-Reply-To"]).strip()) or
                                            str(mail["In-Reply-To"]).strip() == mail["Message-ID"]):
        _fail("it replies to itself or to nothing", data)
    if mail["In-Reply-To"] is None and mail["Thread-Topic"] != mail["Subject"]:
        _fail("the first message of a thread has another topic than its subject", data)
    state = str(mail["Subject"]).split(" ")[0]
    if state not in STATES:
        _fail(f"the subject begins with {state}", data)
    if (mail["Importance"] is not None) != (state == "CRITICAL"):
        _fail(f"Importance {mail['Importance']} for {state}", data)
    if not mail["From"].addresses or not mail["To"].addresses:
        _fail("nobody wrote it, or to nobody", data)


def _defects(part):
    yield from part.defects
    for inner in part.iter_parts() if part.is_multipart() else ():
        yield from _defects(inner)


def _text_of(part, data):
    if part.get_content_charset() != "utf-8" or part["Content-Transfer-Encoding"] != "quoted-printable":
        _fail(f"a part is {part.get_content_charset()} in {part['Content-Transfer-Encoding']}", data)
    try:
        text = part.get_payload(decode=True).decode("utf-8")
    except UnicodeDecodeError as error:
        _fail(f"a part is no UTF-8: {error}", data)
    if not text.strip():
        _fail("a part is empty", data)
    for character in text.replace("\r\n", "\n"):
        if character != "\n" and not character.isprintable():
            _fail(f"U+{ord(character):04X} in a part", data)
    return text


def check(data):
    """The message, parsed. Bytes as the relay got them, dots undone."""
    _check_lines(data)
    mail = email.message_from_bytes(data, policy=email.policy.default)
    defects = list(_defects(mail))
    if defects:
        _fail(defects, data)
    _check_headers(mail, data)
    if mail.get_content_type() == "text/plain":
        _text_of(mail, data)
        return mail
    parts = list(mail.iter_parts())
    if mail.get_content_type() != "multipart/alternative" or [part.get_content_type() for part in parts] != [
            "text/plain", "text/html"]:
        _fail(f"{mail.get_content_type()} of {[part.get_content_type() for part in parts]}", data)
    for part in parts:
        if part.get_filename() or part.get_content_disposition() == "attachment":
            _fail("a part is an attachment", data)
    _text_of(parts[0], data)
    markup = _Markup()
    markup.feed(_text_of(parts[1], data))
    markup.close()
    if markup.wrong or markup.open:
        _fail(f"HTML: {markup.wrong or markup.open}", data)
    if not "".join(markup.words).strip():
        _fail("HTML without a word", data)
    return mail
