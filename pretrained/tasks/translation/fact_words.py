"""Whether a sentence speaks of a fact: a search for the words that people use for it, and no more than that.

The words were chosen with the training sentences at hand. A search can be wrong both ways: people also say things in
words that are not listed, and a word can stand in a sentence without saying what the fact says.
"""

from __future__ import annotations

import re

LOW_PRICE = r"low(?:er)?[- ](?:price|cost)|low in (?:price|cost)|prices? (?:range )?(?:is|are) low"
CHEAP = rf"cheap|inexpensive|affordabl|budget|{LOW_PRICE}"
DEAR = r"expensive|upscale|pricey|costly|high\b|high(?:er|ly|ish)?[- ](?:end|price|cost)"
MIDDLE = r"moderate|mid\b|mid-|middle|medium|average|reasonabl"
LOW = r"low|poor|bad|1|one|not (?:very )?(?:good|well)|not (?:highly )?rated"
FAMILY = r"famil|kid|child|adult|all ages"
NOT = r"\b(?:no|not|non|isn't|aren't|doesn't|don't|without|adults?)\b|n't\b|unfriendly"

WORDS: dict[tuple[str, str], str] = {
    ("eatType", "coffee shop"): r"coffee|caf[eé]",
    ("eatType", "pub"): r"\bpubs?\b|\bbar\b",
    ("eatType", "restaurant"): r"restaurant|place|eatery|dining|venue|establishment|diner",
    ("food", "chinese"): r"chinese",
    ("food", "english"): r"english|british|full breakfast",
    ("food", "fast food"): r"fast|burger",
    ("food", "french"): r"french|wine",
    ("food", "indian"): r"indian|curry",
    ("food", "italian"): r"italian|pasta|pizza|spaghetti",
    ("food", "japanese"): r"japanese|sushi",
    ("priceRange", "cheap"): CHEAP,
    ("priceRange", "moderate"): MIDDLE,
    ("priceRange", "high"): DEAR,
    ("priceRange", "less than £20"): rf"20|{CHEAP}",
    ("priceRange", "£20-25"): rf"2[05]|{MIDDLE}",
    ("priceRange", "more than £30"): rf"30|{DEAR}",
    ("customer rating", "low"): LOW,
    ("customer rating", "average"): r"average|decent|moderate|mid|medium|3|three|ok",
    ("customer rating", "high"): r"high|excellent|great|good|5|five|top|well|best",
    ("customer rating", "1 out of 5"): LOW,
    ("customer rating", "3 out of 5"): r"3|three|average",
    ("customer rating", "5 out of 5"): r"5|five|high|excellent",
    ("area", "city centre"): r"cent(?:re|er)|city",
    ("area", "riverside"): r"river",
}
"""What is searched for by kind and value, in lower case."""


def spoken(kind: str, value: str, sentence: str) -> bool:
    """Whether the words of a fact are found in a sentence; a value that is not listed is searched for as it stands."""
    text, value = sentence.lower(), value.lower()
    if kind == "familyFriendly":
        refused = re.search(NOT, text) is not None
        return re.search(FAMILY, text) is not None and refused == (value == "no")
    return re.search(WORDS.get((kind, value), re.escape(value)), text) is not None
