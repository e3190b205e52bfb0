"""What was written beside references: numbers of sacrebleu, and by hand."""

import numpy as np
import pytest
from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF

from pretrained.analysis.written import chrf, chrf_counts, judge, rouge_l
from pretrained.task import InputError

WRITTEN = ["Le chat dort sur le lit.", "", "je ne sais pas", "il est", "a"]
WANTED = ["Le chat dort.", "Elle vient.", "Je ne sais pas", "Il est parti hier à Paris", "b"]


def test_chrf_is_that_of_sacrebleu_row_by_row_and_of_all_together():
    counts = np.stack([chrf_counts(*pair) for pair in zip(WRITTEN, WANTED, strict=True)])
    metric = CHRF(lowercase=True)
    rows = [metric.sentence_score(one, [other]).score for one, other in zip(WRITTEN, WANTED, strict=True)]
    assert chrf(counts) == pytest.approx(rows)
    assert float(chrf(counts.sum(axis=0))) == pytest.approx(metric.corpus_score(WRITTEN, [WANTED]).score)


def test_rouge_l_counts_the_longest_common_subsequence():
    assert rouge_l("the cat sat on the mat", "the cat on a mat") == pytest.approx(2 * 4 / 11)
    assert rouge_l("a b c", "c b a") == pytest.approx(1 / 3)
    assert rouge_l("Same text!", "same text") == 1.0
    assert rouge_l("我喜欢猫", "我猫") == pytest.approx(2 * 2 / 6)
    assert rouge_l("", "x") == 0.0


def test_all_measures_are_of_the_rows_that_have_both():
    found = judge([*WRITTEN, None, "nothing is wanted"], [*WANTED, "never read", float("nan")])
    assert found.counted.tolist() == [True] * 5 + [False] * 2
    bleu, own, rouge, same = found.scores
    expected = BLEU(lowercase=True).corpus_score(WRITTEN, [WANTED])
    assert bleu.value == pytest.approx(expected.score, abs=0.01)
    assert "tok:13a" in found.signature
    assert own.low <= own.value <= own.high
    assert rouge.value == pytest.approx(100 * np.mean([rouge_l(*pair) for pair in zip(WRITTEN, WANTED, strict=True)]))
    assert same.value == pytest.approx(100 / 5)


def test_chinese_is_parted_into_characters():
    assert "tok:zh" in judge(["我喜欢猫。"], ["我喜欢狗。"]).signature


@pytest.mark.parametrize("cells", [[None, float("nan")], ["", " "], [None, "with nothing beside it"]])
def test_a_column_without_references_is_refused_with_a_sentence(cells):
    with pytest.raises(InputError, match="choose another"):
        judge(["written", None], cells)
