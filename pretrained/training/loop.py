"""The training loop: one for every recipe; what a batch teaches is the family's business."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from torch import nn
from tqdm import tqdm

from pretrained.checkpoints import kept_steps
from pretrained.families import family_of
from pretrained.families.family import Corpus
from pretrained.recipe import Recipe
from pretrained.task import Task
from pretrained.training.untrained import begin


@dataclass
class Trainer:
    """The state of one training run; ``save`` and ``resume`` carry it over an interruption."""

    recipe: Recipe
    task: Task
    corpus: Corpus
    device: torch.device
    epoch: int = 0
    step: int = 0
    seconds: float = 0.0
    history: list[dict[str, float]] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)
    kept: dict[int, dict[str, torch.Tensor]] = field(default_factory=dict)
    """Loss of every step, and the averaged weights after some of them, where the recipe asks for checkpoints."""

    def __post_init__(self) -> None:
        settings = self.recipe.training
        self.generator = torch.Generator().manual_seed(settings.seed)
        self.network = begin(self.recipe, self.task).to(self.device)
        self.average = {name: value.clone() for name, value in self.network.state_dict().items()}
        self.optimizer = torch.optim.AdamW(
            self.network.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay
        )

    @cached_property
    def to_keep(self) -> tuple[int, ...]:
        """The steps after which the weights are kept."""
        settings = self.recipe.training
        return kept_steps(self.corpus.training_count(settings.batch) * settings.epochs, settings.checkpoints)

    def run_epoch(self) -> None:
        """One pass over the training data, then the scores on dev of the averaged weights."""
        settings, start, total = self.recipe.training, time.perf_counter(), 0.0
        count = self.corpus.training_count(settings.batch)
        batches = self.corpus.training_batches(settings.batch, self.generator)
        self.network.train()
        self._keep()
        for batch in tqdm(batches, total=count, desc=f"{self.recipe.key} {self.epoch + 1}/{settings.epochs}"):
            self._set_rate(self.step / (count * settings.epochs))
            total += self._learn(batch)
        self.seconds += time.perf_counter() - start
        self.epoch += 1
        dev = self.corpus.evaluate(self.averaged(), "dev")
        self.history.append(
            {"epoch": self.epoch, "training loss": total / count, "dev loss": dev.loss, "dev accuracy": dev.accuracy}
        )

    def averaged(self) -> nn.Module:
        """A network in ``eval()`` with the running average of the weights."""
        network = family_of(self.task).build(self.task, self.recipe.architecture).to(self.device)
        network.load_state_dict(self.average)
        return network.eval()

    def save(self, path: Path) -> None:
        """Write everything needed to go on from here."""
        state = {
            "network": self.network.state_dict(),
            "average": self.average,
            "optimizer": self.optimizer.state_dict(),
            "random": torch.get_rng_state(),
            "generator": self.generator.get_state(),
            "progress": {
                name: getattr(self, name) for name in ("epoch", "step", "seconds", "history", "losses", "kept")
            },
        }
        torch.save(state, path)

    def resume(self, path: Path) -> None:
        """Go on from a checkpoint of the same recipe, if there is one."""
        if not path.is_file():
            return
        state = torch.load(path, map_location=self.device, weights_only=True)
        self.network.load_state_dict(state["network"])
        self.average = state["average"]
        self.optimizer.load_state_dict(state["optimizer"])
        torch.set_rng_state(state["random"].cpu())
        self.generator.set_state(state["generator"].cpu())
        for name, value in state["progress"].items():
            setattr(self, name, value)

    def _set_rate(self, done: float) -> None:
        settings = self.recipe.training
        rise = min(1.0, self.step / max(1, settings.warmup))
        self.optimizer.param_groups[0]["lr"] = settings.learning_rate * rise * (1.0 - 0.98 * done)

    def _learn(self, batch: Any) -> float:
        """One step of the optimiser; returns the loss."""
        settings = self.recipe.training
        self.optimizer.zero_grad()
        loss = family_of(self.task).learn(self.network, batch, settings, self.generator, self.device)
        nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimizer.step()
        self.step += 1
        self._follow()
        if self.to_keep:
            self.losses.append(loss)
            self._keep()
        return loss

    def _keep(self) -> None:
        if self.step in self.to_keep:
            self.kept[self.step] = {name: value.cpu().clone() for name, value in self.average.items()}

    def _follow(self) -> None:
        """Move the running average towards the weights; faster at the start, so that it forgets the beginning."""
        decay = min(self.recipe.training.average, (1.0 + self.step) / (100.0 + self.step))
        with torch.no_grad():
            for name, value in self.network.state_dict().items():
                self.average[name].lerp_(value, 1.0 - decay)
