"""Large packages that are named at the top of a file, and loaded when something of them is first used.

Tables and charts stand behind a click on most pages; pandas, PyArrow and Altair take as long to load as everything that
the first page needs, and a quarter of its memory.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any


class Later(ModuleType):
    """Stands for a module until something of it is asked for; then it holds all that the module does."""

    def __getattr__(self, name: str) -> Any:
        if name == "__file__":  # asked of every module by whoever looks for the one that a frame belongs to
            raise AttributeError(name)
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        module = importlib.import_module(self.__name__)
        found = getattr(module, name)
        if not name.startswith("__"):
            self.__dict__.update({key: value for key, value in vars(module).items() if not key.startswith("__")})
        return found


@contextmanager
def put_off(*names: str) -> Iterator[None]:
    """Within it, ``import`` of these modules binds what stands for them; a package is named before what is in it.

    Afterwards an import loads them as ever, and libraries that look whether one is loaded find that it is not.
    """
    put = {name: Later(name) for name in names if name not in sys.modules}
    for name, module in put.items():
        package, _, child = name.rpartition(".")
        if package in put:
            setattr(put[package], child, module)
    sys.modules.update(put)
    try:
        yield
    finally:
        for name, module in put.items():
            if sys.modules.get(name) is module:
                del sys.modules[name]
