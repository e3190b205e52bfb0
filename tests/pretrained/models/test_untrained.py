"""The network before training is the one that training begins with, and asking for it disturbs nothing."""

import pytest
import torch
from torch import nn

from core_models.inputs import TokenInput
from pretrained.registry import ModelError, every_recipe, load, recipes, task_of
from pretrained.training.loop import Trainer
from pretrained.training.untrained import untrained
from tests.pretrained.models.test_training import GoodOrBad


@pytest.mark.parametrize("key", recipes("sentiment"))
def test_the_network_before_training_is_the_one_that_training_begins_with(key):
    recipe = recipes("sentiment")[key]
    start = Trainer(recipe, task_of(recipe), GoodOrBad(), torch.device("cpu")).network.state_dict()
    found = untrained(key)
    assert found.network.state_dict().keys() == start.keys()
    assert all(torch.equal(value, start[name]) for name, value in found.network.state_dict().items())
    assert not found.network.training
    assert found.recipe == recipe
    assert found.reference == {}


SCALED = [key for key, recipe in every_recipe().items() if task_of(recipe).kind in ("classes", "labels")]
"""Models whose embeddings begin as torch draws them, but for a factor."""


@pytest.mark.parametrize("key", SCALED)
def test_parts_are_drawn_in_the_order_in_which_they_are_read(key):
    part = untrained(key).network.input
    if not isinstance(part, TokenInput):
        return
    torch.manual_seed(every_recipe()[key].training.seed)
    drawn = nn.Embedding(*part.embedding.weight.shape, padding_idx=part.embedding.padding_idx).weight
    ratio = part.embedding.weight[1:] / drawn[1:]
    torch.testing.assert_close(ratio, ratio[0, 0].expand_as(ratio))


def test_the_network_before_training_reads_a_text_and_answers_otherwise_than_the_trained_one():
    before, after = untrained("sst2-gru"), load("sst2-gru", torch.device("cpu"))
    reading = before.task.encode("a wonderful and moving film")
    assert len(before.trace(reading)) == 5
    assert not torch.equal(before.network.rnn.weight_hh_l0, after.network.rnn.weight_hh_l0)  # type: ignore[arg-type]  # it is a tensor


def test_it_is_drawn_once_and_leaves_the_random_numbers_of_others_alone():
    untrained.cache_clear()
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    found = untrained("sst2-rnn")
    assert torch.equal(torch.rand(1), expected)
    assert untrained("sst2-rnn") is found


def test_a_model_that_does_not_exist_has_no_beginning_either():
    with pytest.raises(ModelError, match="There is no model named “nonsense”; choose one from the list"):
        untrained("nonsense")
