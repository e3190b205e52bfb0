"""Chinese classical poems, character by character: quatrains and regulated verse of the Tang, split by poem."""

from __future__ import annotations

import gzip
from pathlib import Path

from core_models.language import mark
from pretrained.kinds.next_token import CharacterTask
from pretrained.task import Example

FOLDER = "zh_poems"
FILES = {
    f"{FOLDER}/train.tsv.gz": "d038fe159aff57ab0b08ffc592f779478aa460412b229eb963efbd41cb08bdac",
    f"{FOLDER}/dev.tsv.gz": "4c0787c962602975f2d91090e168b7849960afc5853c6cc6f58154c2c0f3578b",
    f"{FOLDER}/test.tsv.gz": "4cc13d090afb7f7387b78bef67dd4a639bbe9dfcb61d781125429423faf3c9f4",
}
SPELT = {",": "，", ".": "。", "、": "，", "；": "，"}


def documents(folder: Path, split: str) -> list[str]:
    """The poems of a split, each on one line with its commas and full stops, without title and author."""
    with gzip.open(folder / f"{FOLDER}/{split}.tsv.gz", "rt", encoding="utf-8") as lines:
        return [line.rstrip("\n").split("\t")[-1] for line in lines][1:]


EXAMPLES = (
    Example("静夜思", "床前明月光，疑是地上霜。举头望明月，低头思故乡。", "五言绝句：每句五字，网络何时料到标点？ "
            "(Four lines of five characters: when does the network expect the comma?)"),
    Example("登鹳雀楼", "白日依山尽，黄河入海流。欲穷千里目，更上一层楼。", "对仗：白日与黄河，山与海。 "
            "(Parallel couplets.)"),
    Example("七言", "朝辞白帝彩云间，千里江陵一日还。两岸猿声啼不住，轻舟已过万重山。", "七言：逗号晚来两个字。 "
            "(Seven to a line: the comma comes two characters later.)"),
    Example("五言变七言", "空山不见人，但闻人语响。千里江陵一日还，两岸猿声啼不住。", "中途换了句长，网络会惊讶吗？ "
            "(The metre changes half-way: is the network surprised?)"),
    Example("现代句子", "今天的天气很好，我们一起去公园吧。",
            "现代汉语，与唐诗不同。 (Modern Chinese, unlike what it learned.)"),
)  # fmt: skip

PROMPTS = (
    Example("一句", "明月照高楼，", "给出一句，续写其余。 (One line is given.)"),
    Example("一字", "春", "从一个字开始。 (From one character.)"),
    Example("空白", "", "从头写起。 (From nothing.)"),
)

DATA = {
    "name": "Tang quatrains and regulated verse, 33,645 poems in simplified characters, split by poem",
    "source": "https://github.com/chinese-poetry/chinese-poetry",
    "copy": "chinese-poetry at 99ebbef7e1345c0985c44b9fd96a3f9e776f117b, simplified by OpenCC's character table",
    "licence": "the poems are in the public domain; the collection is MIT (2016 JackeyGao)",
    "citation": "chinese-poetry project",
    "limits": "Verse of five or seven characters a line, 4,400 characters seen at least five times. Modern Chinese is "
    "outside what it learned.",
}
"""What the networks learn from."""

POEMS = CharacterTask(
    key="poems",
    title=mark("Chinese classical poems, next character"),
    data=DATA,
    question="输入一句诗，例如：床前明月光，",
    alphabet=Path(__file__).parent / "poems.characters.json",
    spread=14.0,
    documents=documents,
    files=FILES,
    examples=EXAMPLES,
    references={mark("single characters"): 6.492, "n-gram of 2 (Witten-Bell)": 5.518},
    prompts=PROMPTS,
    spelt=SPELT,
)
