"""Headless Chromium, spoken to over a pipe: opens one page at a width, in light or dark, takes its picture, and judges
its layout: what sticks out, what is cut off or broken, what cannot be read for lack of contrast, what was loaded or executed.

    with Browser() as browser:
        page = browser.open(path, width=360, dark=True)
        page.screenshot("/tmp/page.png")
        page.overflow(), page.broken(), page.contrast(), page.loaded, page.executed()

Nothing leaves the machine: every name resolves to nothing, and the profile is a folder of its own that is removed.
"""

import base64
import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

CHROMIUM = "/usr/bin/chromium"
DEADLINE = 60
HEIGHT = 800

OPTIONS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
           "--hide-scrollbars", "--disable-extensions", "--disable-background-networking", "--disable-sync",
           "--disable-component-update", "--no-proxy-server", "--host-resolver-rules=MAP * ~NOTFOUND",
           "--remote-debugging-pipe")

# What sticks out: the page itself where it can be scrolled sideways, and elements beyond its right or left edge.
OVERFLOW = """(() => {
    const found = [], width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth > width)
        found.push(`the page is ${document.documentElement.scrollWidth} wide in a window of ${width}`);
    for (const element of document.body.querySelectorAll('*')) {
        const box = element.getBoundingClientRect(), style = getComputedStyle(element);
        if (box.width === 0 || box.height === 0 || style.visibility === 'hidden')
            continue;
        if (box.right > width + 1 || box.left < -1)
            found.push(`<${element.tagName.toLowerCase()}> from ${box.left.toFixed()} to ${box.right.toFixed()}: `
                       + element.textContent.trim().slice(0, 60));
        else if (element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0
                 && style.overflowX !== 'visible' && style.display !== 'inline')
            found.push(`<${element.tagName.toLowerCase()}> hides ${element.scrollWidth - element.clientWidth}: `
                       + element.textContent.trim().slice(0, 60));
    }
    for (const text of document.body.querySelectorAll('svg text')) {
        const box = text.getBoundingClientRect(), frame = text.ownerSVGElement.getBoundingClientRect();
        if (box.width && (box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1
                          || box.bottom > frame.bottom + 1))
            found.push(`cut off by its drawing: ${text.textContent}`);
    }
    return found;
})()"""

# Words of letters alone that do not stand on one line: a column was too narrow for them.
BROKEN = """(() => {
    const found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const node = walker.currentNode;
        if (/^(STYLE|SCRIPT|TITLE|CODE|PRE)$/.test(node.parentElement.tagName))
            continue;
        for (const match of node.textContent.matchAll(/(?<![^\\s])[A-Za-z]{2,20}(?![^\\s,.:;])/g)) {
            const range = document.createRange();
            range.setStart(node, match.index);
            range.setEnd(node, match.index + match[0].length);
            if (new Set(Array.from(range.getClientRects(), (box) => box.top.toFixed())).size > 1)
                found.push(match[0]);
        }
    }
    return found;
})()"""

# Text of less contrast with what is behind it than WCAG 2.1 asks (1.4.3): 4.5:1, or 3:1 where it is large. Text within
# SVG lies on whatever element with a fill is painted below its middle.
CONTRAST = """(() => {
    const parse = (value) => {
        const parts = (value.match(/[\\d.]+/g) || []).map(Number);
        if (parts.length < 3)
            return null;
        return [parts[0], parts[1], parts[2], parts.length > 3 ? parts[3] : 1];
    };
    const over = (front, back) => front.slice(0, 3).map((c, i) => c * front[3] + back[i] * (1 - front[3]));
    const light = (rgb) => {
        const [r, g, b] = rgb.map((c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const canvas = matchMedia('(prefers-color-scheme: dark)').matches
        && getComputedStyle(document.documentElement).colorScheme.includes('dark') ? [18, 18, 18] : [255, 255, 255];
    const painted = (element) => {
        const style = getComputedStyle(element);
        if (element.ownerSVGElement)
            return element.getBBox && !/^(text|tspan|g|a)$/.test(element.tagName) && style.fill !== 'none'
                ? parse(style.fill) : null;
        return parse(style.backgroundColor);
    };
    const behind = (element, x, y) => {
        const layers = [];
        let stack = document.elementsFromPoint(x, y);
        if (!stack.includes(element)) {
            stack = [];
            for (let one = element; one; one = one.parentElement)
                stack.push(one);
        }
        for (const layer of stack) {
            const colour = painted(layer);
            if (colour && colour[3] > 0)
                layers.push(colour);
            if (colour && colour[3] === 1)
                break;
        }
        return layers.reverse().reduce((back, front) => over(front, back), canvas);
    };
    const found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const text = walker.currentNode.textContent.trim(), element = walker.currentNode.parentElement;
        if (!text || /^(STYLE|SCRIPT|TITLE|title|desc)$/.test(element.tagName))
            continue;
        const range = document.createRange();
        range.selectNodeContents(walker.currentNode);
        const box = range.getBoundingClientRect(), style = getComputedStyle(element);
        if (box.width === 0 || box.height === 0 || style.visibility === 'hidden' || element.closest('[aria-hidden=true]'))
            continue;
        scrollTo(0, Math.max(0, box.top + scrollY - 100));
        const place = range.getClientRects()[0];
        const back = behind(element, place.left + place.width / 2, place.top + place.height / 2);
        const front = over(parse(element.ownerSVGElement ? style.fill : style.color), back);
        const [a, b] = [light(front), light(back)].sort((x, y) => y - x), ratio = (a + 0.05) / (b + 0.05);
        const size = parseFloat(style.fontSize), bold = Number(style.fontWeight) >= 700;
        if (ratio < (size >= 24 || (size >= 18.66 && bold) ? 3 : 4.5) - 0.005)
            found.push(`${ratio.toFixed(2)}:1 rgb(${front.map(Math.round)}) on rgb(${back.map(Math.round)}): `
                       + text.slice(0, 60));
    }
    scrollTo(0, 0);
    return found;
})()"""

# Markup that could execute or load something, whatever it does here.
EXECUTABLE = """(() => {
    const found = [];
    for (const element of document.querySelectorAll('*')) {
        const name = element.tagName.toLowerCase();
        if (/^(script|iframe|frame|object|embed|applet|link|base|form|input|button|img|image|video|audio|source)$/.test(name))
            found.push(`<${name}>`);
        if (name === 'meta' && element.httpEquiv && element.httpEquiv.toLowerCase() !== 'content-type')
            found.push(`<meta http-equiv="${element.httpEquiv}">`);
        for (const attribute of element.attributes) {
            if (/^on/i.test(attribute.name) || /javascript:|data:text|vbscript:/i.test(attribute.value)
                || (/^(href|src|srcset|background|action|formaction|xlink:href|poster|ping)$/i.test(attribute.name)
                    && !attribute.value.startsWith('#')))
                found.push(`${attribute.name}="${attribute.value.slice(0, 60)}" of <${name}>`);
            if (attribute.name === 'style' && /url\\(|expression\\(|@import/i.test(attribute.value))
                found.push(`style="${attribute.value.slice(0, 60)}"`);
        }
    }
    return found;
})()"""


class Page:
    """One open page. `loaded`: every address asked for beside its own; `dialogs`: what alert() and the like showed."""

    def __init__(self, browser, session, target):
        self.browser = browser
        self.session = session
        self.target = target
        self.address = ""
        self.loaded = []
        self.dialogs = []
        self.ready = False

    def call(self, method, **parameters):
        return self.browser.call(method, self.session, **parameters)

    def heard(self, method, parameters):
        if method == "Network.requestWillBeSent":
            if parameters["request"]["url"] != self.address:
                self.loaded.append(parameters["request"]["url"])
        elif method == "Page.javascriptDialogOpening":
            self.dialogs.append(parameters["message"])
            self.browser.send("Page.handleJavaScriptDialog", self.session, accept=False)
        elif method == "Page.loadEventFired":
            self.ready = True

    def load(self, address):
        self.address = address
        self.ready = False
        answer = self.call("Page.navigate", url=address)
        if answer.get("errorText"):
            raise RuntimeError(f"{address}: {answer['errorText']}")
        self.browser.wait(lambda: self.ready, f"{address} to load")

    def evaluate(self, expression):
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"])
        return answer["result"].get("value")

    def overflow(self):
        return self.evaluate(OVERFLOW)

    def broken(self):
        return self.evaluate(BROKEN)

    def contrast(self):
        return self.evaluate(CONTRAST)

    def resize(self, width):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=HEIGHT, deviceScaleFactor=1,
                  mobile=width < 600)

    def executed(self):
        """What was or could be executed: a test's payloads set window.hacked."""
        found = self.evaluate(EXECUTABLE) + [f"dialog: {text}" for text in self.dialogs]
        if self.evaluate("typeof window.hacked") != "undefined":
            found.append("window.hacked is set")
        return found

    def outline(self):
        """Every element with the names of its attributes, in order: text that broke out shows as another outline."""
        return self.evaluate("Array.from(document.querySelectorAll('*')).map(e => e.tagName + ' '"
                             " + Array.from(e.attributes).map(a => a.name).sort().join(' ')).join('\\n')")

    def text(self):
        return self.evaluate("document.body.innerText")

    def metrics(self):
        return self.evaluate("(e => ({scrollWidth: e.scrollWidth, clientWidth: e.clientWidth,"
                             " scrollHeight: e.scrollHeight}))(document.documentElement)")

    def screenshot(self, path, part=None):
        """Of the whole page, or of a part of it (x, y, width, height), as PNG."""
        clip = {"clip": dict(zip(("x", "y", "width", "height"), part), scale=1)} if part else {}
        answer = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True, **clip)
        Path(path).write_bytes(base64.b64decode(answer["data"]))

    def close(self):
        self.browser.call("Target.closeTarget", None, targetId=self.target)
        self.browser.pages.pop(self.session, None)


class Browser:
    def __init__(self):
        self.profile = tempfile.mkdtemp(prefix="authcert-browser-")
        self.number = 0
        self.answers = {}
        self.pages = {}
        self.buffer = b""
        self.log = tempfile.TemporaryFile()
        self.process = None

    def __enter__(self):
        commands_read, self.commands = os.pipe()
        self.replies, replies_write = os.pipe()

        def place():
            """Chromium reads commands at descriptor 3 and answers at 4."""
            first, second = os.dup(commands_read), os.dup(replies_write)
            first, second = os.dup2(first, 23), os.dup2(second, 24)
            os.dup2(first, 3)
            os.dup2(second, 4)

        environment = {"PATH": "/usr/bin:/bin", "HOME": self.profile, "XDG_CONFIG_HOME": self.profile,
                       "XDG_CACHE_HOME": self.profile, "TMPDIR": self.profile, "LC_ALL": "C.UTF-8"}
        # pylint: disable=subprocess-popen-preexec-fn
        self.process = subprocess.Popen(
            [CHROMIUM, *OPTIONS, f"--user-data-dir={self.profile}", "about:blank"], stdin=subprocess.DEVNULL,
            stdout=self.log, stderr=self.log, env=environment, preexec_fn=place, close_fds=False,
            start_new_session=True)
        os.close(commands_read)
        os.close(replies_write)
        try:
            self.call("Browser.getVersion")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *unused):
        try:
            self.send("Browser.close", None)
            self.process.wait(10)
        except (OSError, subprocess.TimeoutExpired):
            pass
        # Its own session: the browser's helpers, and nothing else.
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        for descriptor in (self.commands, self.replies):
            os.close(descriptor)
        self.log.close()
        for _ in range(50):
            shutil.rmtree(self.profile, ignore_errors=True)
            if not os.path.exists(self.profile):
                return
            time.sleep(0.1)

    def said(self):
        self.log.seek(0)
        return self.log.read().decode(errors="replace")[-2000:]

    def send(self, method, session, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.commands, data):]
        return self.number

    def listen(self, until):
        """One read of answers and events."""
        ready, _, _ = select.select([self.replies], [], [], max(0, until - time.monotonic()))
        if not ready:
            raise TimeoutError(f"Chromium does not answer: {self.said()}")
        data = os.read(self.replies, 1 << 20)
        if not data:
            raise EOFError(f"Chromium ended: {self.said()}")
        self.buffer += data
        *messages, self.buffer = self.buffer.split(b"\0")
        for text in messages:
            message = json.loads(text)
            if "id" in message:
                self.answers[message["id"]] = message
            elif message.get("sessionId") in self.pages:
                self.pages[message["sessionId"]].heard(message["method"], message["params"])

    def wait(self, condition, what):
        until = time.monotonic() + DEADLINE
        while not condition():
            if time.monotonic() > until:
                raise TimeoutError(f"waited {DEADLINE} s for {what}")
            self.listen(until)

    def call(self, method, session=None, **parameters):
        number = self.send(method, session, **parameters)
        self.wait(lambda: number in self.answers, method)
        answer = self.answers.pop(number)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer["result"]

    def open(self, what, width=1000, dark=False, inverted=False):
        """`what`: a file's path, or HTML text when it begins with "<". `inverted`: as a mail program does that turns
        light colours into dark ones by itself."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = self.pages[session] = Page(self, session, target)
        for domain in ("Page", "Network", "Runtime"):
            page.call(f"{domain}.enable")
        page.resize(width)
        page.call("Emulation.setEmulatedMedia",
                  features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
        if inverted:
            page.call("Emulation.setAutoDarkModeOverride", enabled=True)
        if str(what).startswith("<"):
            path = Path(self.profile, f"page{self.number}.html")
            path.write_text(what, encoding="utf-8")
        else:
            path = Path(what).resolve()
        page.load(path.as_uri())
        return page
