"""A module is looked at and left exactly as it was: mode, weights, buffers, gradients, attributes, random state."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

import torch
from torch import Tensor, nn

from core_models.language import say
from core_models.own.traced import OwnError
from core_models.tracing import exactly


@contextmanager
def untouched(module: nn.Module) -> Iterator[None]:
    """Within the block a module is in ``eval()``, without autocast and gradients; after it, it is what it was.

    Weights that a hook computes before every call (``weight_norm``, ``prune``) are attributes of the module: they are
    put back too.

    Raises:
        OwnError: if a module makes its weights when it is called for the first time, for then it would be another one.
    """
    for name, part in module.named_modules():
        if any(isinstance(value, nn.UninitializedParameter) for value in part.parameters(recurse=False)):
            raise OwnError(
                say(
                    "{name}: it makes its weights when it is called for the first time: call the model once first",
                    name=name or type(part).__name__,
                )
            )
    kept = [_Kept(part) for part in module.modules()]
    devices = sorted({value.device.index for value in _tensors(module) if value.is_cuda})
    with ExitStack() as settings:
        settings.enter_context(exactly(*{value.device.type for value in _tensors(module) if not value.is_meta}))
        settings.enter_context(torch.random.fork_rng(devices))
        settings.enter_context(torch.no_grad())
        try:
            with suppress(NotImplementedError):  # an exported program has one mode alone
                module.eval()
            yield
        finally:
            for part in kept:
                part.put_back()


def _tensors(module: nn.Module) -> Iterator[Tensor]:
    yield from module.parameters()
    yield from module.buffers()


class _Kept:
    """One module as it was."""

    def __init__(self, module: nn.Module) -> None:
        self.module = module
        self.training = module.training  # which a scripted module keeps elsewhere
        self.attributes: dict[str, Any] = dict(vars(module))
        self.lists = {key: list(value) for key, value in vars(module).items() if type(value) is list}
        self.dicts = {key: dict(value) for key, value in vars(module).items() if isinstance(value, dict)}
        self.buffers = {key: value.clone() for key, value in module.named_buffers(recurse=False)}

    def put_back(self) -> None:
        """Make the module what it was."""
        vars(self.module).clear()
        vars(self.module).update(self.attributes)
        for key, values in self.lists.items():
            self.attributes[key][:] = values
        for key, values in self.dicts.items():
            self.attributes[key].clear()
            self.attributes[key].update(values)
        if self.module.training is not self.training:
            self.module.training = self.training
        for key, values in self.buffers.items():
            own = self.module.get_buffer(key)
            if not torch.equal(own, values):
                own.copy_(values)
