"""Shakespeare, character by character: tiny Shakespeare (Karpathy 2015), the last tenth held out as in nanoGPT.

The test split is the last tenth of the text. Dev is a fiftieth from the middle of the rest, held out too; it does
not lie before the last tenth, because that begins within a play whose first pages belong to the training text.
"""

from __future__ import annotations

import gzip
from pathlib import Path

from core_models.language import mark, say
from pretrained.errors import ModelError
from pretrained.kinds.next_token import CharacterTask
from pretrained.shipped import read, understood
from pretrained.task import Example

NAME = "char_shakespeare/input.txt.gz"
FILES = {NAME: "13125fe8f49092165d7d489e3944db52d1ba546e64a60080cc9523bcd0c5e46a"}
UNSEEN = Path(__file__).parent / "shakespeare.unseen.txt"
"""The beginning of the test split; in the public domain like the rest."""

QUOTES = {"’": "'", "‘": "'", "“": "'", "”": "'", '"': "'", "—": "-", "–": "-", "\t": " "}


def documents(folder: Path, split: str) -> list[str]:
    """The text of a split, in stretches without a gap."""
    with gzip.open(folder / NAME, "rt", encoding="utf-8", newline="") as file:
        text = file.read()
    end = len(text) * 9 // 10
    middle, size = end // 2, len(text) // 50
    parts = {"train": [text[:middle], text[middle + size : end]], "dev": [text[middle : middle + size]]}
    return parts.get(split, [text[end:]])


EXAMPLES = (
    Example("A scene", "ROMEO:\nWhat light is this? It is the moon, my lord,\nThat walks the wall and will not speak.\n"
            "\nNURSE:\nThen shut the door, and come away to bed.\n",
            "Where a line ends, who speaks next, and which letters are never in doubt."),
    Example("Who speaks", "KING HENRY:\nSpeak.\n\nQUEEN MARGARET:\nNo.\n\nKING HENRY:\nSpeak!\n",
            "Capitals, a colon, a newline: the form of a play."),
    Example("A rare word", "The quixotic physicist whispered to the queen.",
            "How surprised is the network by each letter, and where does it catch on?"),
    Example("Contractions", "'Tis true, thou know'st I'll ne'er do't again.",
            "Apostrophes inside words and before them."),
    Example("Modern prose", "The train to the airport leaves in ten minutes, please stand back.",
            "Nothing like what it learned from; it still knows most spellings."),
    Example("Unknown characters", "Café 42 costs €3.",
            "Signs that the text never uses are marked and read as unknown."),
)  # fmt: skip


def unseen() -> tuple[tuple[Example, ...], tuple[str, ...]]:
    """The long example, which has a file of its own; or else the sentence that says what is wrong with the file."""
    title = mark("Thirty thousand characters")
    why = mark("The Taming of the Shrew, from the held-out tenth: what surprises it?")
    try:
        with understood(UNSEEN):
            return (Example(title, read(UNSEEN).decode(), why),), ()
    except ModelError as error:
        return (), (say("The example “{title}” is left out. {error}", title=say(title), error=error),)


LONG, LEFT_OUT = unseen()


PROMPTS = (
    Example("A name", "ROMEO:\n", "Who speaks is given; what is said is not."),
    Example("A question", "What is the night?\n", "A line to answer."),
    Example("Nothing", "", "From the start of a line."),
)

DATA = {
    "name": "tiny Shakespeare, 1,115,394 characters; the last tenth is the test split, a fiftieth from the middle of "
    "the rest dev",
    "source": "https://github.com/karpathy/char-rnn",
    "copy": "github.com/karpathy/char-rnn at 6f9487a6fe5b420b7ca9afb0d7c078e37c1d1b4e, data/tinyshakespeare/input.txt",
    "licence": "the text is in the public domain",
    "citation": "Karpathy 2015, The Unreasonable Effectiveness of Recurrent Neural Networks",
    "limits": "Early modern English in the form of a play, 65 characters. It spells and punctuates; it does not know "
    "what it says.",
}
"""What the networks learn from."""

SHAKESPEARE = CharacterTask(
    key="shakespeare",
    title=mark("Shakespeare, next character"),
    data=DATA,
    question=mark("type a line, such as: What light is this?"),
    alphabet=Path(__file__).parent / "shakespeare.characters.json",
    documents=documents,
    files=FILES,
    examples=(*EXAMPLES, *LONG),
    notices=LEFT_OUT,
    references={
        mark("single characters"): 3.35,
        "n-gram of 5 (Witten-Bell)": 1.670,
        "nanoGPT, 10.6 M parameters": 1.4697,
    },
    prompts=PROMPTS,
    spelt=QUOTES,
)
