"""Widgets of the Generate page: which model writes, from which prompt, and how each character is chosen."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from core_models.networks.sampling import Sampling
from core_models.trace import Site, Trace
from core_models.vocabulary import Kind, quantity
from pretrained.characters import CharacterTask
from pretrained.registry import any_task_of, every_recipe, recipes
from viz.controls import EXAMPLE, MODEL, choose, escape, slide
from viz.session import PUBLISHED, SELECTED, address, from_url, put_in_url, to_url
from viz.whole_numbers import nearest

PROMPT, TEMPERATURE, TOP_K, TOP_P, SEED, LENGTH, PACE, SHADE, UNIT = (
    "prompt", "temperature", "k", "p", "seed", "length", "pace", "shade", "unit",
)  # fmt: skip
SCREEN = "generate screen"
"""Key of the address that this page had when it was left."""

TEMPERATURES = {f"{tenths / 10:g}": "0 (greedy)" if tenths == 0 else f"{tenths / 10:g}" for tenths in range(21)}
TOP_KS = {"0": "all", **{str(k): str(k) for k in (100, 50, 20, 10, 5, 3, 2, 1)}}
TOP_PS = {f"{hundredths / 100:g}": "1 (all)" if hundredths == 100 else f"{hundredths / 100:g}"
          for hundredths in (100, 99, 98, 95, 90, 80, 70, 50, 30, 10)}  # fmt: skip
LENGTHS = {str(count): str(count) for count in (50, 100, 200, 300, 400, 600)}
PACES = {"fast": "fast", "slow": "letter by letter"}
LARGEST_SEED = 999_999
LONGEST_PROMPT = 4000
"""Characters that the box takes."""


@dataclass(frozen=True)
class Asked:
    """What a network is asked to write, in strings: the same question always has the same answer."""

    model: str
    prompt: str
    temperature: str
    top_k: str
    top_p: str
    seed: str
    length: str

    @property
    def how(self) -> Sampling:
        """How each character is chosen."""
        return Sampling(float(self.temperature), int(self.top_k), float(self.top_p), int(self.seed))


def return_to_screen() -> None:
    """Restore the address that the page had when the person left it; call it before the page's widgets."""
    if PROMPT in st.session_state:
        return
    st.session_state[PUBLISHED] = {}
    if not st.query_params and SCREEN in st.session_state:
        st.query_params.from_dict(st.session_state[SCREEN])


def remember_screen() -> None:
    """Keep the address for ``return_to_screen``; call it when the page is drawn."""
    st.session_state[SCREEN] = address()


def pick_writer() -> str:
    """Key of the chosen language model; a name in the URL that none has is answered with a sentence."""
    titles = {key: recipe.title for key, recipe in recipes("language_model").items()}
    missing = from_url(MODEL, titles)
    if missing in every_recipe():
        st.info(
            f"The model “{escape(every_recipe()[missing].title)}” does not write freely; here is one that does.",
            icon=":material/info:",
        )
    elif missing is not None:
        st.warning(
            f"There is no model named “{escape(missing)}”; choose one from this list.", icon=":material/link_off:"
        )
    if st.session_state.get(MODEL) not in titles:
        st.session_state[MODEL] = next(iter(titles))
    chosen = st.selectbox("Model", list(titles), format_func=titles.__getitem__, key=MODEL, on_change=_change_writer)
    to_url(MODEL, chosen)
    return chosen


def _change_writer() -> None:
    """Another model: a prompt of the old task's gallery gives way to one of the new task's; what was typed stays."""
    put_in_url(SELECTED, None)
    for name in (UNIT, SHADE):
        st.session_state.pop(name, None)
        put_in_url(name, None)
    chosen = every_recipe().get(st.session_state.get(MODEL, ""))
    before = every_recipe().get(st.query_params.get(MODEL, ""))
    if chosen is None or before is None or chosen.task == before.task:
        return
    old, new = any_task_of(before), any_task_of(chosen)
    known = {prompt.text for prompt in old.prompts} if isinstance(old, CharacterTask) else set()
    if isinstance(new, CharacterTask) and st.session_state.get(PROMPT) in known:
        st.session_state[PROMPT] = new.prompts[0].text


def type_prompt(task: CharacterTask) -> str:
    """What is given, from the box or from the gallery; the URL's when the page opens."""
    from_url(PROMPT)
    if PROMPT not in st.session_state:
        st.session_state[PROMPT] = task.prompts[0].text
    text = st.text_area(
        "Prompt: the network writes on from here; Ctrl+Enter or a click elsewhere starts it",
        st.session_state[PROMPT],  # also as default: see ``viz.controls.choose``
        key=PROMPT, max_chars=LONGEST_PROMPT, height=110,
    )  # fmt: skip
    to_url(PROMPT, text or "")
    return text or ""


def pick_prompt(task: CharacterTask) -> None:
    """The gallery: one click puts a prompt into the box."""
    texts = {prompt.title: prompt.text for prompt in task.prompts}

    def use() -> None:
        chosen = st.session_state[EXAMPLE]
        if chosen in texts:
            st.session_state[PROMPT] = texts[chosen]
            st.session_state[EXAMPLE] = None

    st.pills("Prompts", list(texts), key=EXAMPLE, on_change=use, label_visibility="collapsed")


def pick_sampling(model: str, prompt: str) -> Asked:
    """Temperature, top-k, top-p, seed and length."""
    first, second, third, fourth, fifth = st.columns([3, 3, 3, 2, 3])
    with first:
        temperature = slide("1 Temperature τ", TEMPERATURE, TEMPERATURES, default="0.8",
                            help="Below 1 it sharpens what the network expects, above 1 it flattens it.")  # fmt: skip
    with second:
        top_k = slide("2 Top-k", TOP_K, TOP_KS, default="0", help="Only the k most probable characters are kept.")
    with third:
        top_p = slide("3 Top-p", TOP_P, TOP_PS, default="1",
                      help="Of what top-k left, the fewest most probable that reach this share are kept.")  # fmt: skip
    with fourth:
        seed = _pick_seed()
    with fifth:
        length = slide("Characters", LENGTH, LENGTHS, default="200")
    return Asked(model, prompt, temperature, top_k, top_p, seed, length)


def _pick_seed() -> str:
    asked = st.query_params.get(SEED, "")
    if SEED not in st.session_state or from_url(SEED) is None:
        st.session_state[SEED] = nearest(st.session_state.get(SEED, asked), range(LARGEST_SEED + 1), 1)
    chosen = st.number_input(
        "Seed", 0, LARGEST_SEED, st.session_state[SEED], key=SEED, help="The same seed always gives the same text."
    )
    to_url(SEED, str(chosen))
    return str(chosen)


def another_seed() -> None:
    """The next seed, as a button's callback."""
    st.session_state[SEED] = (int(st.session_state.get(SEED, 1)) + 1) % (LARGEST_SEED + 1)


def pick_shade(trace: Trace, default: tuple[str, int]) -> tuple[Site, str, int]:
    """The unit whose value colours the text: its site, quantity and number."""
    options = {
        f"{site.key}.{row.key}": (site, row.key) for site, row in trace.find(Kind.STATE, Kind.GATE, Kind.CANDIDATE)
    }
    several = len(trace.sites(Kind.STATE)) > 1
    names = {
        address: quantity(key).label + (f", {site.label}" if several else "")
        for address, (site, key) in options.items()
    }
    chosen = choose("Colour by", SHADE, names, default=default[0] if default[0] in names else next(iter(names)))
    site, key = options[chosen]
    units = {str(unit): f"unit {unit}" for unit in range(trace.array(site, key).shape[1])}
    fallback = str(default[1]) if str(default[1]) in units else "0"
    return site, key, int(choose("Unit", UNIT, units, default=fallback))
