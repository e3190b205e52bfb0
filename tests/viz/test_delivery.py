"""Scripts are compressed once for everybody, only whole ones are kept, and answers say what a browser may do."""

import gzip
from collections.abc import Mapping
from typing import Any

import pytest
from starlette.types import ASGIApp

from tests.support.loops import run_alone
from viz.serving.delivery import (
    CompressOnce,
    OpeningScript,
    SecurityHeaders,
    content_security_policy,
    embedders,
    with_script,
)

BODY = b"export const answer = 42;"
START = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"cache-control", b"public, immutable"), (b"content-length", str(len(BODY)).encode())],
}
SCOPE = {"type": "http", "method": "GET", "path": "/static/js/a.js", "headers": [(b"accept-encoding", b"gzip")]}
WHOLE = [START, {"type": "http.response.body", "body": BODY}]
IN_PARTS = [
    START,
    {"type": "http.response.body", "body": BODY[:9], "more_body": True},
    {"type": "http.response.body", "body": BODY[9:]},
]
LEFT = {
    "before the body": [START],
    "in the middle": [START, {"type": "http.response.body", "body": BODY[:9], "more_body": True}],
    "with too little": [START, {"type": "http.response.body", "body": BODY[:9]}],
}


def ask(compress: ASGIApp, scope: Mapping[str, Any] = SCOPE) -> list:
    sent: list = []

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": "http.request"}

    async def answered():
        await compress(dict(scope), receive, send)

    run_alone(answered())
    return sent


def serve(*answers) -> CompressOnce:
    """A server that answers with the messages of the first, the second ... request in turn."""
    turns = iter(answers)

    async def app(scope, receive, send):
        for message in next(turns):
            await send(message)

    return CompressOnce(app)


@pytest.mark.parametrize("messages", [WHOLE, IN_PARTS], ids=["whole", "in parts"])
def test_a_script_is_asked_for_once_and_then_kept(messages):
    compress = serve(messages)
    for _ in range(3):
        start, body = ask(compress)
        assert (b"content-encoding", b"gzip") in start["headers"]
        assert gzip.decompress(body["body"]) == BODY


@pytest.mark.parametrize("messages", LEFT.values(), ids=LEFT)
def test_an_answer_that_broke_off_is_not_kept_for_the_next_visitor(messages):
    compress = serve(messages, WHOLE)
    assert ask(compress) == []
    assert gzip.decompress(ask(compress)[1]["body"]) == BODY


def headers_of(scheme: str, **request: str) -> dict[str, str]:
    sent: list = []
    unread: Any = None

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http", "scheme": scheme,
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in request.items()],
    }  # fmt: skip
    run_alone(SecurityHeaders(app, "<script>start()</script>")(scope, unread, send))
    return {name.decode(): value.decode() for name, value in sent[0]["headers"]}


def test_every_answer_says_what_a_page_may_load_and_use():
    headers = headers_of("http")
    assert "frame-ancestors 'self'" in headers["content-security-policy"]
    assert "camera=()" in headers["permissions-policy"]
    assert "microphone=(self)" in headers["permissions-policy"]
    assert headers["cross-origin-opener-policy"] == "same-origin"


def test_a_browser_is_told_to_keep_to_https_only_where_it_came_by_https():
    assert "strict-transport-security" not in headers_of("http")
    assert "strict-transport-security" in headers_of("https")
    assert "strict-transport-security" in headers_of("http", x_forwarded_proto="https")


@pytest.mark.parametrize(
    ("environment", "allowed"),
    [
        ({}, ""),
        (
            {"GATESCOPE_EMBED": "https://moodle.example.org https://*.school.example:8443"},
            " https://moodle.example.org https://*.school.example:8443",
        ),
    ],
    ids=["nobody", "named"],
)
def test_only_its_own_address_the_free_hosts_and_what_is_named_may_frame_the_app(environment, allowed):
    assert embedders(environment) == "'self' https://share.streamlit.io https://huggingface.co" + allowed


@pytest.mark.parametrize("named", ["*", "moodle.example.org", "https://a.example; script-src *", "'none'"])
def test_what_is_no_address_is_refused(named):
    with pytest.raises(ValueError, match="GATESCOPE_EMBED: expected addresses"):
        embedders({"GATESCOPE_EMBED": named})


PAGE = b"<html><head><title>T</title></head><body>\xff</body></html>"


@pytest.mark.parametrize(
    ("kind", "status", "scripted"), [("text/html", 200, True), ("text/html", 404, False), ("text/css", 200, False)]
)
def test_the_opening_script_stands_before_all_else_in_the_page_alone(kind, status, scripted):
    headers = [(b"content-type", kind.encode()), (b"content-length", str(len(PAGE)).encode()), (b"etag", b"x")]

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": PAGE})

    start, body = ask(OpeningScript(app, "run();"))
    assert (b"<head><script>run();</script><title>" in body["body"]) == scripted
    assert dict(start["headers"])[b"content-length"] == str(len(body["body"])).encode()
    assert body["body"].replace(b"<script>run();</script>", b"") == PAGE


def test_the_policy_allows_the_script_that_is_put_into_the_page():
    assert "sha256-" not in content_security_policy("<head></head>", "")
    assert "sha256-" in content_security_policy(with_script("<head></head>", "run();"), "")


def test_a_page_is_asked_for_as_it_is_and_all_else_as_it_may_be_compressed():
    seen = []

    async def app(scope, receive, send):
        seen.append([name for name, _ in scope["headers"]])

    for accept in (b"text/html,*/*", b"*/*"):
        ask(OpeningScript(app, "run();"), {**SCOPE, "headers": [(b"accept", accept), (b"accept-encoding", b"gzip")]})
    assert seen == [[b"accept"], [b"accept", b"accept-encoding"]]
