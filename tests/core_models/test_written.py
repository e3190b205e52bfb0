"""What a source token gave to a written token is the derivative of its log-probability, for every decoder."""

import numpy as np
import pytest
import torch

from core_models.explain.attribution.written import source_matrix
from core_models.networks.translation import OUTPUT, translate
from core_models.networks.translator import END, Translator, TranslatorArchitecture

ARCHITECTURES = {
    "gru, additive": TranslatorArchitecture("gru", 5, 6, attention="additive"),
    "lstm, heads": TranslatorArchitecture("lstm", 5, 6, attention="multi_head", heads=2),
    "gru, no attention": TranslatorArchitecture("gru", 5, 6, layers=2),
}
SOURCE, TARGET = [5, 7, 4, 9, END], [6, 4, 8, END]


@pytest.mark.parametrize("architecture", ARCHITECTURES.values(), ids=ARCHITECTURES)
def test_the_matrix_is_the_slope_of_every_written_tokens_log_probability(architecture):
    torch.manual_seed(2)
    network = Translator(architecture, 12, 11).double().eval()
    found = source_matrix(network, SOURCE, TARGET)
    assert found.shape == (4, 5)
    table, size = network.source_embedding.weight, 1e-6
    with torch.no_grad():
        for place, index in enumerate(SOURCE):
            before = table[index].clone()
            answers = []
            for factor in (1 + size, 1 - size):
                table[index] = before * factor  # every source token occurs once
                trace = translate_logs(network)
                answers.append(trace)
            table[index] = before
            slope = (answers[0] - answers[1]) / (2 * size)
            assert np.allclose(found[:, place].detach().numpy(), slope, atol=1e-6)


def translate_logs(network: Translator) -> np.ndarray:
    """Log-probabilities of the target, in double precision."""
    summary = network(torch.tensor([SOURCE]), torch.tensor([len(SOURCE)]), torch.tensor([[2, *TARGET[:-1]]]))
    logs = torch.log_softmax(network.logits(summary)[0], dim=-1)
    return logs[torch.arange(len(TARGET)), torch.tensor(TARGET)].numpy()


def test_the_log_probabilities_are_those_of_the_translation():
    torch.manual_seed(2)
    network = Translator(ARCHITECTURES["gru, additive"], 12, 11).double().eval()
    with torch.no_grad():
        said = translate(network, SOURCE, TARGET).trace.array(OUTPUT, "chosen_probability")
        assert np.allclose(np.log(said), translate_logs(network), atol=1e-5)
