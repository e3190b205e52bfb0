"""The files the browser needs: one of Plotly's bundles, and this component's modules.

They are served under ``/assets/`` by one route, see viz.serving.start. Each is compressed once, on first request, and
may be kept by the browser for ever, because its address changes with its content.
"""

import gzip
import hashlib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from threading import Lock

import plotly
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from viz.figures.plotly_js import PLANE, WHOLE, bundle_for, script

FOLDER = files("viz.linked_plot")
"""This folder, as installed."""

_PLACES = {"linked_plot": "linked_plot", "cell_diagram": "cell_diagram", "curve": "learn/curve"}
FOLDERS = {name: files("viz").joinpath(place) for name, place in _PLACES.items()}
"""Folders with modules of components, which import one another by their places in ``viz``."""

_IMMUTABLE = "public, max-age=31536000, immutable"
_compressing = Lock()


def plotly_address(kinds: Iterable[str]) -> str:
    """Return where the browser finds the bundle that draws these kinds of traces, counted from the app's root."""
    return f"assets/{bundle_for(kinds)}?v={plotly.__version__}"


def module_address(name: str, folder: str = "linked_plot") -> str:
    """Return where the browser finds a JavaScript module of one of ``FOLDERS``, counted from the app's root."""
    return f"assets/{_version()}/{folder}/{name}"


def answer(request: Request) -> Response:
    """Answer a browser that asks for one of these files below ``assets/``."""
    name = request.path_params["name"]
    if name not in (WHOLE, PLANE) and name not in _modules():
        return PlainTextResponse("There is no such file here.", status_code=404)
    headers = {"Cache-Control": _IMMUTABLE, "Vary": "Accept-Encoding"}
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(_content(name), media_type="text/javascript", headers=headers)
    with _compressing:
        body = _compressed(name)
    return Response(body, media_type="text/javascript", headers={**headers, "Content-Encoding": "gzip"})


def _content(name: str) -> bytes:
    if name in (WHOLE, PLANE):
        return script(name)
    return _modules()[name]


@cache
def _compressed(name: str) -> bytes:
    return gzip.compress(_content(name), 6)


@cache
def _sources() -> dict[str, bytes]:
    """Return the modules by folder and file name."""
    return {
        f"{name}/{file.name}": file.read_bytes()
        for name, folder in FOLDERS.items()
        for file in folder.iterdir()
        if file.name.endswith(".js")
    }


@cache
def _version() -> str:
    """Return the folder of this version of the modules, which import one another by relative addresses within it."""
    digest = hashlib.sha256(b"".join(source for _, source in sorted(_sources().items())))
    return f"modules/{digest.hexdigest()[:12]}"


@cache
def _modules() -> dict[str, bytes]:
    return {f"{_version()}/{name}": source for name, source in _sources().items()}
