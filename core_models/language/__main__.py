"""``python -m core_models.language``: bring the catalogues up to date with the code, and say what is left to do.

python -m core_models.language              all languages, and how much of each room is said and translated
python -m core_models.language explain      the same, with every sentence of a room that is left
python -m core_models.language --begin fr   begin a language: its catalogues, empty
"""

from __future__ import annotations

import sys

from core_models.language.catalogues import bring_up_to_date, faults, missing
from core_models.language.folder import ENGLISH, languages
from core_models.language.rooms import ROOMS, room_of, sources, texts
from core_models.language.unsaid import unsaid


def main(arguments: list[str]) -> None:
    """Write the files, then a table."""
    keys = arguments[1:] if arguments[:1] == ["--begin"] else [key for key in languages() if key != ENGLISH]
    for key in keys:
        bring_up_to_date(key)
    lacks = {key: missing(key) for key in keys}
    left: dict[str, list[str]] = {room: [] for room in ROOMS}
    for path in sources():
        if path.suffix == ".py":
            left[room_of(path)] += [f"{path}:{line}: {text}" for line, text in unsaid(path)]
    print("room         said  unsaid  " + "  ".join(f"not in {key}" for key in keys))
    for room, said in texts().items():
        row = "  ".join(f"{len(lacks[key].get(room, ())):9d}" for key in keys)
        print(f"{room:12} {len(said):4d}  {len(left[room]):6d}  {row}")
    for room in set(arguments) & set(ROOMS):
        print(*left[room], *(f"{key}: {text}" for key in keys for text in lacks[key].get(room, ())), sep="\n")
    print(*(fault for key in keys for fault in faults(key)), sep="\n")


main(sys.argv[1:])
