"""Chinese service dialogues, character by character: the values that a person asks for, and what the turn does."""

from __future__ import annotations

import gzip
from pathlib import Path

from core_models.language import mark
from pretrained.kinds.labels import Column, Labelled, TagExample, TagTask

FILES = {
    "zh_crosswoz/train.tsv.gz": "30c758c38a64cbe45a937e12fae94b1e0004f13f64728e5a80ba5bb84ceca94e",
    "zh_crosswoz/dev.tsv.gz": "a52ed559737cc7fee6a6bef68c0ba4058fd38bf9a2ab72ec2faff5355a213bfa",
    "zh_crosswoz/test.tsv.gz": "b543a5edbb0f9eabcd08f08e56e96c4be5f2f7fc7ff98c65462676004adfdbdb",
}
ACTS = {
    "General-bye": mark("says goodbye"), "General-greet": mark("greets"), "General-thank": mark("thanks"),
    "Inform": mark("informs"), "Request": mark("asks"), "Select": mark("chooses"), "none": mark("none of these"),
}  # fmt: skip


def split(text: str) -> list[tuple[int, int]]:
    """Every character but blanks."""
    return [(at, at + 1) for at, sign in enumerate(text) if not sign.isspace()]


def items(folder: Path, part: str) -> list[Labelled]:
    """The person's turns of a split."""
    with gzip.open(folder / f"zh_crosswoz/{part}.tsv.gz", "rt", encoding="utf-8") as file:
        rows = [line.rstrip("\n").split("\t") for line in file][1:]
    found = []
    for role, acts, _, text, tags in rows:
        if role == "usr":
            kept = [(sign, tag) for sign, tag in zip(text, tags.split(), strict=True) if not sign.isspace()]
            found.append(Labelled(tuple(sign for sign, _ in kept), tuple(tag for _, tag in kept), acts))
    return found


EXAMPLES = (
    TagExample("找餐馆", "你好，我想找一家人均消费50-100元的餐馆，最好有烤鸭。",
               "A price range and a dish, in one breath.", label="General-greet|Inform|Request"),
    TagExample("问电话", "这个酒店的电话是多少？", "A question without a value.", label="Request"),
    TagExample("找景点", "我想去故宫附近评分4.5分以上的景点，门票免费的。", "Name, rating and ticket price."),
    TagExample("谢谢", "好的，谢谢你的帮助，再见！", "Thanks, and nothing is asked."),
    TagExample("繁體", "請問這家飯店提供叫醒服務嗎？", "Traditional characters: several are unknown to the network."),
)  # fmt: skip

DATA = {
    "name": "CrossWOZ, 3,740 turns of persons",
    "source": "https://github.com/thu-coai/CrossWOZ",
    "copy": "github.com/thu-coai/CrossWOZ at df82c9fdff91b9b130f2d6b89110d3870ba6260e, "
    "data/crosswoz/{val,test}.json.zip",
    "licence": "Apache-2.0",
    "citation": "Zhu et al. 2020, CrossWOZ, TACL",
    "limits": "Hotels, restaurants, sights, metro and taxi in Beijing. The marks were made by finding the annotated "
    "value in the text, so that some are missing.",
}
"""What the networks learn from."""

CHINESE_DIALOGUE = TagTask(
    key="chinese-dialogue",
    title=mark("Slots and acts in Chinese"),
    data=DATA,
    ask=mark("Type a Chinese sentence as to a hotel or restaurant guide"),
    question=mark("type a sentence such as 我想找一家酒店."),
    vocabulary_file=Path(__file__).parent / "chinese_dialogue.vocabulary.json",
    columns=(Column("character", str),),
    split=split,
    items=items,
    files=FILES,
    names={},
    joined=ACTS,
    examples=EXAMPLES,
    references={},
    headline="f1",
    chained=True,
    trained=120,
)
