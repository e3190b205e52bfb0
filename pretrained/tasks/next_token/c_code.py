"""C source code, character by character: Lua and libuv, split by file, so that test files were never seen."""

from __future__ import annotations

import gzip
from pathlib import Path

from core_models.language import mark
from pretrained.kinds.next_token import CharacterTask
from pretrained.task import Example

FOLDER = "char_c_code"
FILES = {
    f"{FOLDER}/train.txt.gz": "c13d3d2a01c002629f20782e5352b2c7ffb8881331b6fc0c4b4b381758bca4b8",
    f"{FOLDER}/valid.txt.gz": "430336a7624c81b6cac7e5b3d4047532965220c1c0438ed7236e933c0f82fd45",
    f"{FOLDER}/test.txt.gz": "237e2f3e77a5e472958a53f1f8c0d973815b70fb20cbba3f16770b37fc9c6d27",
}
SPELT = {"\t": " ", "’": "'", "‘": "'", "“": '"', "”": '"'}


def documents(folder: Path, split: str) -> list[str]:
    """The text of a split, its files end to end; it is one document."""
    name = {"train": "train", "dev": "valid", "test": "test"}[split]
    with gzip.open(folder / f"{FOLDER}/{name}.txt.gz", "rt", encoding="utf-8", newline="") as file:
        return [file.read()]


EXAMPLES = (
    Example("A loop", 'static int count_open(const char* text) {\n  int depth = 0;\n  while (*text != \'\\0\') {\n'
            '    if (*text == \'(\')\n      depth++;  /* one deeper */\n    text++;\n  }\n  return depth;\n}\n',
            "Brackets, quotes, a comment and four depths of indent."),
    Example("A string", 'printf("a {bracket} in a \\"string\\" does not count\\n");\nreturn 0;\n',
            "Inside quotes a bracket means nothing: which units know?"),
    Example("A comment", "/*\n * What stands between these signs is English,\n * and its ( need not be closed.\n */\n"
            "int after = 1;\n", "Prose inside a comment, code after it."),
    Example("A call in a call", "if (max(min(a, b), min(c, d)) > limit(max(a, b)))\n  return -1;\n",
            "How many brackets are still open?"),
    Example("An error", "int main(void) {\n  return (1 + 2;\n}\n", "A bracket is missing: is the network surprised?"),
)  # fmt: skip

PROMPTS = (
    Example("A function", "static int uv__read(uv_handle_t* handle) {\n", "A head; what is its body?"),
    Example("A header", "#include ", "What would it include?"),
    Example("A comment", "/*\n", "English, until the comment is closed."),
)

DATA = {
    "name": "C source code of Lua and libuv, 178 files, 2,580,006 characters, split by file",
    "source": "https://github.com/lua/lua and https://github.com/libuv/libuv",
    "copy": "lua at 53b41d0cddd80bf33fdc631bdd32e3ba53842b89, libuv at 6179e7af87413396d5853a1c3722c8b5749336c8",
    "licence": "MIT (Lua: Lua.org, PUC-Rio; libuv: project contributors and Joyent/Node authors)",
    "citation": "lua.org; libuv.org",
    "limits": "C in the styles of two projects, tabs as blanks, 96 characters. What it writes looks like code and "
    "does not compile.",
}
"""What the networks learn from."""

C_CODE = CharacterTask(
    key="c_code",
    title=mark("C source code, next character"),
    data=DATA,
    question=mark("type some C, such as: if (x > 0) return;"),
    alphabet=Path(__file__).parent / "c_code.characters.json",
    spread=16.0,
    documents=documents,
    files=FILES,
    examples=EXAMPLES,
    references={"n-gram of 6 (Witten-Bell)": 1.285},
    prompts=PROMPTS,
    spelt=SPELT,
)
