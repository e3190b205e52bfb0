"""How answers leave the server: scripts compressed once, the page with its opening script, all with security headers.

Plain ASGI, so websockets, uploads and byte ranges pass through untouched.
"""

import asyncio
import base64
import gzip
import hashlib
import os
import re
from collections.abc import Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_COMPRESSED_FILES = 1024

CONTENT_SECURITY_POLICY = {
    # Everything not named below, the websocket too, goes to this server or nowhere: nothing typed is sent elsewhere.
    "default-src": "'self'",
    # blob: Streamlit starts a custom component's script from a blob. {hashes}: the inline script of Streamlit's
    # index.html. No 'unsafe-eval': Vega interprets its expressions, and Plotly's SVG and 3-D charts need none. Its
    # scattergl, splom and parcoords do, and say "WebGL is not supported" without: draw Scatter and Scatter3d.
    "script-src": "'self' blob: {hashes}",
    # Streamlit, KaTeX and Plotly write styles into the page; a style runs nothing, and can load nothing from elsewhere.
    "style-src": "'self' 'unsafe-inline'",
    # data: icons in styles, and an emoji as page icon (one of :material/…: would be fetched from elsewhere, so it is
    # refused). blob: Plotly's "save as PNG" draws its SVG through one.
    "img-src": "'self' data: blob:",
    # blob: the sound that a figure shows, and what the page has just recorded, which Streamlit fetches from itself.
    "media-src": "'self' blob:",
    "connect-src": "'self' blob:",
    # data: KaTeX carries a font inside its style sheet.
    "font-src": "'self' data:",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
    # Who may show the app in a frame; see ``embedders``. X-Frame-Options cannot name several, so it is left out.
    "frame-ancestors": "{embedders}",
}
EMBED = "GATESCOPE_EMBED"
"""The environment variable that names who may show the app in a frame besides its own address."""
HOSTS = ("https://share.streamlit.io", "https://huggingface.co")
"""Pages of the two free hosts that frame an app; no user's own page stands at these addresses."""
COMPANIONS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    # Speech is recorded on the page, figures are full screen, and links are copied; nothing else is needed.
    "Permissions-Policy": (
        "microphone=(self), fullscreen=(self), clipboard-write=(self), "
        "camera=(), geolocation=(), payment=(), usb=(), serial=(), bluetooth=(), midi=()"
    ),
}


def embedders(environment: Mapping[str, str]) -> str:
    """Who may show the app in a frame: its own address, the two free hosts, and what ``GATESCOPE_EMBED`` names.

    Raises:
        ValueError: if something that the variable names is no origin such as ``https://moodle.example.org``.
    """
    named = environment.get(EMBED, "").split()
    for origin in named:
        if not re.fullmatch(r"https?://(\*\.)?[\w.-]+(:\d+)?", origin):
            raise ValueError(
                f"{EMBED}: expected addresses such as https://moodle.example.org, apart by blanks, got {origin!r}"
            )
    return " ".join(["'self'", *HOSTS, *named])


def content_security_policy(page: str, embedders: str) -> str:
    """Return the policy as one header value; it allows the inline scripts of `page`, the HTML that starts the app."""
    scripts = re.findall(r"<script>(.*?)</script>", page, flags=re.DOTALL)
    digests = (base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts)
    hashes = " ".join(f"'sha256-{digest}'" for digest in digests)
    return "; ".join(
        f"{name} {sources.format(hashes=hashes, embedders=embedders)}"
        for name, sources in CONTENT_SECURITY_POLICY.items()
    )


class SecurityHeaders:
    """ASGI middleware: every HTTP response carries the content security policy of `page` and its companions.

    Where a visitor came by HTTPS, directly or through a proxy, the browser is told to keep to it for a year.
    """

    def __init__(self, app: ASGIApp, page: str) -> None:
        self.app = app
        self.headers = {"Content-Security-Policy": content_security_policy(page, embedders(os.environ)), **COMPANIONS}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self.headers)
                if "https" in (scope["scheme"], Headers(scope=scope).get("x-forwarded-proto")):
                    MutableHeaders(scope=message)["Strict-Transport-Security"] = "max-age=31536000"
            await send(message)

        await self.app(scope, receive, send_with_headers if scope["type"] == "http" else send)


def with_script(page: str, script: str) -> str:
    """Return `page`, some HTML, with a script that runs before all others of it."""
    return page.replace("<head>", f"<head><script>{script}</script>", 1)


class OpeningScript:
    """ASGI middleware: the HTML that starts the app runs a script before all others."""

    def __init__(self, app: ASGIApp, script: str) -> None:
        self.app = app
        self.script = script

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        held: list[Message] = []

        async def send_with_script(message: Message) -> None:
            if message["type"] == "http.response.start" and _is_page(message):
                held.append(message)
                return
            if held:
                start, body = held.pop(), message.get("body", b"")
                longer = with_script(body.decode("utf-8", "surrogateescape"), self.script).encode(
                    "utf-8", "surrogateescape"
                )
                headers = MutableHeaders(scope=start)
                for name in ("ETag", "Last-Modified"):  # those of the page without the script
                    del headers[name]
                if "content-length" in headers:
                    headers["Content-Length"] = str(int(headers["content-length"]) + len(longer) - len(body))
                message = {**message, "body": longer}
                await send(start)
            await send(message)

        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if "text/html" in Headers(scope=scope).get("accept", ""):  # a page; into a compressed one nothing can be put
            scope = {**scope, "headers": [pair for pair in scope["headers"] if pair[0] != b"accept-encoding"]}
        await self.app(scope, receive, send_with_script)


def _is_page(start: Message) -> bool:
    return start["status"] == 200 and Headers(raw=start["headers"]).get("content-type", "").startswith("text/html")


class CompressOnce:
    """ASGI middleware: immutable scripts and styles are gzipped on first request, and the result is kept in memory.

    Streamlit sends its own bundle uncompressed, because compressing it for every visitor costs more than it saves. Its
    file names carry a content hash, so once is enough: a third of the bytes for every visitor, for a few megabytes of
    memory. Byte ranges, revalidations, other types and answers that may change pass through.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.compressed: dict[str, tuple[list[tuple[bytes, bytes]], bytes]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not _asks_for_compressed_script(scope):
            await self.app(scope, receive, send)
            return
        ready = self.compressed.get(scope["path"])
        if ready is None:
            answer = _HeldAnswer(send)
            await self.app(scope, receive, answer)
            if not (answer.held and answer.complete):  # if held, the visitor left in the middle: nobody to answer
                return
            body = await asyncio.to_thread(gzip.compress, bytes(answer.body), 6)
            ready = (_compressed_headers(answer.headers, len(body)), body)
            if len(self.compressed) < MAX_COMPRESSED_FILES:
                self.compressed[scope["path"]] = ready
        headers, body = ready
        await send({"type": "http.response.start", "status": 200, "headers": list(headers)})
        await send({"type": "http.response.body", "body": body})


class _HeldAnswer:
    """An ASGI `send` that keeps a compressible answer back and lets every other one through."""

    def __init__(self, send: Send) -> None:
        self.send = send
        self.held = False
        self.ended = False
        self.headers = Headers()
        self.body = bytearray()

    @property
    def complete(self) -> bool:
        """Whether all of the body came: half an answer must not be kept for everybody after."""
        return self.ended and int(self.headers.get("content-length", len(self.body))) == len(self.body)

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.headers = Headers(raw=message["headers"])
            self.held = (
                message["status"] == 200
                and "immutable" in self.headers.get("cache-control", "")
                and "content-encoding" not in self.headers
            )
        if not self.held:
            await self.send(message)
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")
            self.ended = not message.get("more_body", False)


def _asks_for_compressed_script(scope: Scope) -> bool:
    if scope["type"] != "http" or scope["method"] != "GET" or not scope["path"].endswith((".js", ".css")):
        return False
    headers = Headers(scope=scope)
    return "gzip" in headers.get("accept-encoding", "") and "range" not in headers and "if-none-match" not in headers


def _compressed_headers(headers: Headers, length: int) -> list[tuple[bytes, bytes]]:
    compressed = MutableHeaders(raw=list(headers.raw))
    compressed["Content-Encoding"] = "gzip"
    compressed["Content-Length"] = str(length)
    compressed.add_vary_header("Accept-Encoding")
    del compressed["Accept-Ranges"]
    if "etag" in compressed:
        compressed["ETag"] = "W/" + compressed["ETag"].removeprefix("W/")
    return compressed.raw
