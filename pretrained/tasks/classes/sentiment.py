"""Is a sentence positive or negative? Any English sentence, read by models trained on a treebank of film reviews."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from core_models.encoded import Encoded
from core_models.language import mark, say
from core_models.trace import Tokens
from pretrained.data.plain import plain, seen
from pretrained.data.text import tokenizer as words
from pretrained.data.text import treebank
from pretrained.kinds.classes import ClassTask, Sample
from pretrained.subject import remark
from pretrained.task import Example, InputError

TOKENIZER = Path(__file__).parent / "sentiment.tokenizer.json"

EXAMPLES = (
    Example("A turn", "I expected a bad film, but it is wonderful", "One word turns the verdict that stood before it."),
    Example("A turn at the end", "the acting is superb, but the story never wakes up",
            "Praise, then a verdict against it without a single harsh word."),
    Example("Negation", "this is not a good film", "One word turns the one after next around."),
    Example("Double negation", "you will not be disappointed", "Two negatives that add up to praise."),
    Example("Contrast, other way", "the plot is silly and the jokes are old, yet I loved every minute",
            "The verdict comes last and must overrule what was stored."),
    Example("Irony", "a wonderful film, if you enjoy watching paint dry", "The words are kind, the meaning is not."),
    Example("Nearly", "it could have been a great movie", "Nothing bad is said, yet it is no compliment."),
    Example("Intensity", "good, really good, truly and astonishingly good", "Does each repetition still move it?"),
    Example("Very short", "boring", "One token: one step of every equation."),
    Example("Unknown word", "the soundtrack is flumptious and the ending is touching",
            "A word that the model never saw is marked and read as unknown."),
    Example("Mixed feelings", "gorgeous pictures, clumsy dialogue, and a performance you will not forget",
            "Three verdicts in one line."),
    Example("No opinion", "the film was shot in New York in the spring", "Nothing to judge: where does it end up?"),
    Example("Long",
            "for its first half hour the film seems content to tell every tired joke of the genre, and I was ready "
            "to leave, but then the sister arrives, the camera finally stops moving, and what looked like a lazy "
            "comedy opens into a quiet, generous and surprisingly moving story about two people who have forgotten "
            "how to talk to each other; I walked out happy",
            "A bad start and a good end, far apart: what is still remembered at the last word?"),
)  # fmt: skip

CLASSES = (mark("negative"), mark("positive"))
LIMIT, CHARACTERS = 256, 4000
"""The most tokens, and characters, that are read."""


@cache
def tokenizer() -> Tokenizer:
    """The word tokenizer that the models were trained with."""
    return words.load(TOKENIZER)


def encode(text: str, content: Any = None) -> Encoded:
    """A sentence as tokens; see ``pretrained.task.Task.encode``."""
    notices = []
    if len(text) > CHARACTERS:
        text = text[:CHARACTERS]
        notices.append(say("Only the first {most:,} characters are read; the rest was left out.", most=CHARACTERS))
    read = plain(text)
    encoding = tokenizer().encode(read.text)
    if not encoding.ids:
        raise InputError(say("There is nothing to read yet: type a sentence, or pick an example."))
    count = len(encoding.ids)
    if count > LIMIT:
        notices.append(say(
            "Only the first {most:,} of {count:,} tokens are read; shorten the text to see its end.", most=LIMIT,
            count=count,
        ))  # fmt: skip
    ids, spans = tuple(encoding.ids[:LIMIT]), tuple(read.spans(encoding.offsets[:LIMIT]))
    known = tuple(index != words.UNKNOWN_ID for index in ids)
    labels = tuple(seen(text[start:end]) for start, end in spans)
    if said := remark(ids):
        notices.append(said)
    return Encoded(Tokens(labels, text, spans, known, ids=ids), tuple(notices))


def spelt(index: int) -> str:
    """How a token is typed; "" for padding and whatever is unknown."""
    return "" if index <= words.UNKNOWN_ID else tokenizer().id_to_token(index) or ""


def samples(folder: Path, part: str) -> list[Sample]:
    """Phrases of the training trees, or the sentences of another split, as ids."""
    if part == "train":
        return treebank.phrases(folder, ids_of)
    texts, labels = zip(*treebank.sentences(folder, f"sst2/{part}.tsv"), strict=True)
    return [Sample(ids, CLASSES[label]) for ids, label in zip(ids_of(texts), labels, strict=True)]


def ids_of(texts: Sequence[str]) -> list[tuple[int, ...]]:
    """Ids of several texts."""
    return [tuple(encoding.ids) for encoding in tokenizer().encode_batch(list(texts))]


DATA = {
    "name": "Stanford Sentiment Treebank, binary, every phrase of the training trees",
    "source": "https://nlp.stanford.edu/sentiment/",
    "copy": "github.com/munikarmanish/RNTN at 12bb731ba9fbdcdf2368b8515a241773f2b97547, trees/",
    "licence": "none stated by its authors; the weights are shipped, its sentences never are",
    "citation": "Socher et al. 2013, Recursive Deep Models for Semantic Compositionality over a Sentiment Treebank, "
    "EMNLP",
    "limits": "English film reviews of one sentence. Other subjects, other languages, irony and long texts are "
    "outside what it learned; its probability is not a measure of truth. A sentence on another subject is known by its "
    "words, and that is said: 47% of sentences of weblogs and e-mails, 60% of a novel, 74% of restaurant descriptions, "
    "40% of commands, 45% of Shakespeare's lines, 30% of everyday sentences and 21% of C code, each found without "
    "having seen its kind, and 36 to 47% of reviews of products and restaurants; 1.8% of held-back reviews are taken "
    "for something else, and 6% of what visitors write on films. The rest passes as a review.",
    "background": "600 sentences of Sentiment Labelled Sentences (Kotzias et al. 2015), CC BY 4.0, DOI "
    "10.24432/C57604; their states and labels only",
}
"""What the networks learn from."""

SENTIMENT = ClassTask(
    key="sentiment",
    title=mark("Sentiment of a sentence"),
    data=DATA,
    group="sentiment",
    medium="text",
    classes=CLASSES,
    count=lambda: tokenizer().get_vocab_size(),
    encoder=encode,
    samples=samples,
    convert=lambda ids: np.array(ids, dtype=np.int64),
    background=treebank.background,
    files=treebank.SHA256,
    examples=EXAMPLES,
    references={mark("always positive"): 0.499, mark("bag of bigrams"): 0.838},
    limit=LIMIT,
    trained=64,
    characters=CHARACTERS,
    unseen=mark("review sentences"),
    spelt=lambda: tuple(spelt(index) for index in range(tokenizer().get_vocab_size())),
)
