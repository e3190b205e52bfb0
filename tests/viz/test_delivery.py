"""Scripts are compressed once for everybody, and only whole ones are kept."""

import asyncio
import gzip

import pytest

from viz.delivery import CompressOnce

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


def ask(compress: CompressOnce) -> list:
    sent: list = []

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": "http.request"}

    asyncio.run(compress(SCOPE, receive, send))
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
