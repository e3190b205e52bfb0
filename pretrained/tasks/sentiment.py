"""Is a sentence positive or negative? Any English sentence, read by models trained on a treebank of film reviews."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tokenizers import Tokenizer

from core_models.trace import Tokens
from pretrained.data import tokenizer as words
from pretrained.families.classifier import CLASSIFIER
from pretrained.family import Family
from pretrained.task import Example, InputError, Reading
from pretrained.tasks.treebank import Treebank

TOKENIZER = Path(__file__).parent / "sentiment.tokenizer.json"

EXAMPLES = (
    Example("A turn", "the acting is superb, but the story never wakes up", "Praise, then a verdict against it."),
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


@dataclass(frozen=True)
class Sentiment:
    """Binary sentiment of an English sentence."""

    key: str = "sentiment"
    title: str = "Sentiment of a sentence"
    classes: tuple[str, str] = ("negative", "positive")
    limit: int = 256
    characters: int = 4000
    trained: int = 64
    """Tokens of the longest training sentence."""
    examples: tuple[Example, ...] = EXAMPLES
    family: Family = CLASSIFIER

    @property
    def references(self) -> dict[str, float]:
        """Test accuracy of simple methods on the same 1,821 sentences, computed on exactly this data."""
        return {"always positive": 0.499, "bag of bigrams": 0.838}

    @cached_property
    def tokenizer(self) -> Tokenizer:
        """The word tokenizer that the models were trained with."""
        return words.load(TOKENIZER)

    @property
    def vocabulary(self) -> int:
        """Number of token ids, padding and unknown included."""
        return self.tokenizer.get_vocab_size()

    def read(self, text: str) -> Reading:
        """The person's text as tokens; see ``Task.read``."""
        notices = []
        if len(text) > self.characters:
            text = text[: self.characters]
            notices.append(f"Only the first {self.characters:,} characters are read; the rest was left out.")
        encoding = self.tokenizer.encode(text)
        if not encoding.ids:
            raise InputError("There is nothing to read yet: type a sentence, or pick an example.")
        count = len(encoding.ids)
        if count > self.limit:
            notices.append(
                f"Only the first {self.limit} of {count:,} tokens are read; shorten the text to see its end."
            )
        ids, spans = tuple(encoding.ids[: self.limit]), tuple(encoding.offsets[: self.limit])
        known = tuple(index != words.UNKNOWN_ID for index in ids)
        labels = tuple(text[start:end] for start, end in spans)
        return Reading(Tokens(labels, text, spans, known), ids, tuple(notices))

    def corpus(self, folder: Path, sentence_weight: float = 1.0) -> Treebank:
        """The treebank in a local copy; see ``Task.corpus``."""
        return Treebank(folder, self.tokenizer, sentence_weight)
