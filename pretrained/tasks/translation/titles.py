"""Tang poems to their titles: what of a title stands in its poem, and what was thought of?

A title says where, when or to whom a poem was written, and often nothing else; it is no summary. A title's place in a
series, such as 三首一 (“the first of three”), is left out: nothing in a poem says it.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from math import log
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer, normalizers

from core_models.language import mark, say
from core_models.networks.decoding import Search
from pretrained.analysis.measures import longest_common, overlap
from pretrained.data.side import Side, symbols_tokenizer
from pretrained.data.text.pairs import Pair, rows_of
from pretrained.kinds.translation import Floor, PairTask
from pretrained.task import Example
from pretrained.tasks.next_token.poems import FILES, SPELT
from pretrained.tasks.next_token.poems import FOLDER as NAME

FOLDER = Path(__file__).parent
POEM, TITLE = FOLDER / "titles.poem.json", FOLDER / "titles.title.json"
SMALLEST_COUNT = 5
SERIES = re.compile("[二三四五六七八九十百]+首[一二三四五六七八九十百]*$")
"""A title's place in a series."""

LINE = re.compile("[^，。,.;；、！？!?\\s]+")
FORMS = {(4, 5), (4, 7), (8, 5), (8, 7)}
"""Number of lines, and of characters in each, of the poems that were learned from."""

LONGEST, TRIED = 24, 3000
"""Most characters of a title that is written; training poems on which the number of copied characters is chosen."""


def pairs(folder: Path, split: str) -> list[Pair]:
    """The poems of a split with their titles; of the training poems those whose title is as long as any is written."""
    found = [Pair(text, (named(title),)) for _, _, title, text in rows_of(folder / f"{NAME}/{split}.tsv.gz")]
    return [pair for pair in found if split != "train" or len(pair.references[0]) < LONGEST]


def named(title: str) -> str:
    """A title without its place in a series, where anything is left."""
    return SERIES.sub("", title) or title


def build(folder: Path) -> None:
    """Collect the characters that are seen often enough in the training poems, and in their titles."""
    learned = pairs(folder, "train")
    _signs(pair.source for pair in learned).save(str(POEM))
    _signs(pair.references[0] for pair in learned).save(str(TITLE))


def _signs(texts: Iterable[str]) -> Tokenizer:
    """A tokenizer of single characters; marks of other spellings are read as the poems' own."""
    counts = Counter(sign for text in texts for sign in text if not sign.isspace())
    tokenizer = symbols_tokenizer(sorted(sign for sign, count in counts.items() if count >= SMALLEST_COUNT), r"\S")
    spelt = [normalizers.Replace(old, new) for old, new in SPELT.items()]
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFC(), *spelt])
    return tokenizer


def measure(outputs: Sequence[str], pairs: Sequence[Pair]) -> dict[str, Any]:
    """ROUGE-L and character F1, and the share of characters that stand in the poem: of outputs and of people's titles.

    ``whole`` is the share of titles that are met whole, ``different`` how many different ones are written.
    """
    right = sum(output in pair.references for output, pair in zip(outputs, pairs, strict=True))
    return overlap(outputs, pairs) | {
        "whole": round(right / len(pairs), 4),
        "different": len(set(outputs)),
        "copied": _copied((pair.source, output) for pair, output in zip(pairs, outputs, strict=True)),
        "copied_in_references": _copied((pair.source, pair.references[0]) for pair in pairs),
    }


def _copied(texts: Iterable[tuple[str, str]]) -> float:
    found = [sign in source for source, title in texts for sign in title]
    return round(sum(found) / max(1, len(found)), 4)


def copy_first(learned: Sequence[Pair], unseen: Sequence[Pair]) -> list[str]:
    """The first characters of every poem, as many as do best as titles of the first training poems."""

    def score(count: int) -> float:
        rows = [(pair.source[:count], pair.references[0]) for pair in learned[:TRIED]]
        return sum(longest_common(copy, title) / (len(copy) + len(title)) for copy, title in rows)

    best = max(range(1, 8), key=score)
    return [LINE.findall(pair.source)[0][:best] for pair in unseen]


def take_nearest(learned: Sequence[Pair], unseen: Sequence[Pair]) -> list[str]:
    """The title of the training poem that is most alike: cosine of characters and pairs of them, weighted by tf-idf."""
    places: dict[str, list[int]] = defaultdict(list)
    for place, pair in enumerate(learned):
        for part in _parts(pair.source):
            places[part].append(place)
    weights = {part: log(len(learned) / len(found)) for part, found in places.items()}
    lengths = np.zeros(len(learned))
    index = {part: np.array(found) for part, found in places.items()}
    for part, found in index.items():
        lengths[found] += weights[part] ** 2
    titles = []
    for pair in unseen:
        alike = np.zeros(len(learned))
        for part in _parts(pair.source) & index.keys():
            alike[index[part]] += weights[part] ** 2
        titles.append(learned[int((alike / np.sqrt(lengths)).argmax())].references[0])
    return titles


def _parts(poem: str) -> set[str]:
    """The characters of a poem, and the pairs of neighbours within a line."""
    lines = LINE.findall(poem)
    return {sign for line in lines for sign in line} | {
        line[at : at + 2] for line in lines for at in range(len(line) - 1)
    }


def remarks(source: str) -> tuple[str, ...]:
    """That a text has not the form of the poems that were learned from."""
    lines = LINE.findall(source)
    lengths = {len(line) for line in lines}
    if len(lengths) == 1 and (len(lines), *lengths) in FORMS:
        return ()
    return (say(
        "It learned from poems of four or eight lines of five or seven characters each, and this is none: the title "
        "means little."
    ),)  # fmt: skip


EXAMPLES = (
    Example(
        "A tower",
        "白日依山尽，黄河入海流。欲穷千里目，更上一层楼。",
        "Every child knows it, and this network never saw it: does it find the tower that the poem is about?",
        "登鹳雀楼",
    ),
    Example(
        "A farewell",
        "君登青云去，予望青山归。云山从此别，泪湿薜萝衣。",
        "Poems of farewell are called 送 (“seeing off”), a character that stands in none of these lines.",
        "送友人之京",
    ),
    Example(
        "A riddle",
        "解落三秋叶，能开二月花。过江千尺浪，入竹万竿斜。",
        "The title is what it is about, the wind, and the poem never names it.",
        "风",
    ),
    Example(
        "At a river",
        "此地别燕丹，壮士髪冲冠。昔时人已没，今日水犹寒。",
        "Where it was written no line says: the poet's title is part of what one must know.",
        "于易水送人",
    ),
    Example(
        "At court",
        "九春风景足林泉，四面云霞敞御筵。花镂黄山绣作苑，草图玄灞锦为川。飞觞竞醉心回日，走马争先眼著鞭。"
        "喜奉仙游归路远，直言行乐不言旋。",
        "Poems written on an emperor's order are called so in fixed words: 奉和 … 应制. From which words does it know?",
        "奉和圣制春日幸望春宫应制",
    ),
)

DATA = {
    "name": "Tang quatrains and regulated verse with their titles, 33,645 poems in simplified characters",
    "source": "https://github.com/chinese-poetry/chinese-poetry",
    "copy": "chinese-poetry at 99ebbef7e1345c0985c44b9fd96a3f9e776f117b, simplified by OpenCC's character table",
    "licence": "the poems are in the public domain; the collection is MIT (2016 JackeyGao)",
    "citation": "chinese-poetry project",
    "limits": "A title is no summary: it says where, when or for whom a poem was written, and four of five of its "
    "characters stand nowhere in the poem. The network tells the kind of a poem (a farewell, a visit to a temple, a "
    "song of the palace) and seldom more, and comes no closer to the poet's title than that of the most similar poem "
    "does.",
}
"""What the networks learn from."""

TITLES = PairTask(
    key="titles",
    title=mark("Tang poem to its title"),
    data=DATA,
    question=mark("type a Tang poem in simplified characters, or pick an example."),
    source=Side(POEM),
    target=Side(TITLE),
    pairs=pairs,
    measure=measure,
    examples=EXAMPLES,
    files=FILES,
    search=Search(width=5, penalty=1.0),
    limit=80,
    trained=65,
    longest=LONGEST,
    builds=(build,),
    remarks=remarks,
    quotes=True,
    floors={
        "first_characters": Floor(mark("the poem's first characters"), copy_first),
        "nearest_poem": Floor(mark("the nearest poem's title"), take_nearest),
    },
    noun="token",
    unseen=mark("poems"),
)
