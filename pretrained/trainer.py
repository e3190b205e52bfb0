"""The training loop: one for every recipe."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits
from tqdm import tqdm

from core_models.models.classifier import SequenceClassifier
from pretrained.recipe import Recipe
from pretrained.task import Batch, Corpus, Task
from pretrained.tokenizer import PADDING_ID, UNKNOWN_ID
from pretrained.untrained import begin


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

    def __post_init__(self) -> None:
        settings = self.recipe.training
        self.generator = torch.Generator().manual_seed(settings.seed)
        self.network = begin(self.recipe, self.task).to(self.device)
        self.average = {name: value.clone() for name, value in self.network.state_dict().items()}
        self.optimizer = torch.optim.AdamW(
            self.network.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay
        )

    def run_epoch(self) -> None:
        """One pass over the training data, then the scores on dev of the averaged weights."""
        settings, start, total = self.recipe.training, time.perf_counter(), 0.0
        count = self.corpus.training_count(settings.batch)
        batches = self.corpus.training_batches(settings.batch, self.generator)
        self.network.train()
        for batch in tqdm(batches, total=count, desc=f"{self.recipe.key} {self.epoch + 1}/{settings.epochs}"):
            self._set_rate(self.step / (count * settings.epochs))
            total += self._learn(batch)
        self.seconds += time.perf_counter() - start
        self.epoch += 1
        dev = self.corpus.evaluate(self.averaged(), "dev")
        self.history.append(
            {"epoch": self.epoch, "training loss": total / count, "dev loss": dev.loss, "dev accuracy": dev.accuracy}
        )

    def averaged(self) -> SequenceClassifier:
        """A network in ``eval()`` with the running average of the weights."""
        network = SequenceClassifier(self.recipe.architecture, self.task.vocabulary).to(self.device)
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
            "progress": {"epoch": self.epoch, "step": self.step, "seconds": self.seconds, "history": self.history},
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

    def _learn(self, batch: Batch) -> float:
        """One step of the optimiser; returns the loss."""
        settings = self.recipe.training
        noise = torch.rand(batch.ids.shape, generator=self.generator) < settings.word_dropout
        ids = torch.where(noise & (batch.ids != PADDING_ID), UNKNOWN_ID, batch.ids).to(self.device)
        self.optimizer.zero_grad()
        x = self.network.embedding(ids)
        x.retain_grad()
        loss = self._loss(x, batch)
        loss.backward()
        if settings.adversarial:
            self._loss(self.network.embedding(ids) + self._worst_step(x, batch), batch).backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimizer.step()
        self.step += 1
        self._follow()
        return float(loss.detach())

    def _worst_step(self, x: Tensor, batch: Batch) -> Tensor:
        """The small change of each example's embeddings that raises its loss fastest (Miyato et al. 2017, eq. 5)."""
        gradient = x.grad if x.grad is not None else torch.zeros_like(x)
        length = gradient.flatten(1).norm(dim=1)[:, None, None] + 1e-12
        reach = self.recipe.training.adversarial * batch.lengths.to(self.device).sqrt()[:, None, None]
        return reach * gradient / length

    def _loss(self, x: Tensor, batch: Batch) -> Tensor:
        logits = self.network.classify(self.network.dropout(x), batch.lengths)
        losses = binary_cross_entropy_with_logits(logits, batch.targets.to(self.device), reduction="none")
        return (losses * (batch.weights / batch.weights.mean()).to(self.device)).mean()

    def _follow(self) -> None:
        """Move the running average towards the weights; faster at the start, so that it forgets the beginning."""
        decay = min(self.recipe.training.average, (1.0 + self.step) / (100.0 + self.step))
        with torch.no_grad():
            for name, value in self.network.state_dict().items():
                self.average[name].lerp_(value, 1.0 - decay)
