"""Translate: type a sentence, a date or digits, watch a network write its answer, and take the wheel."""

from core_models.language import mark, say
from viz import cards, inputs
from viz.menu import offer_menu
from viz.run import answered, heading_row
from viz.translate import controls
from viz.translate.answers import Request, answer, translator
from viz.translate.notices import notices
from viz.translate.page import show_translation

ABOUT = mark(
    "One network reads what you type; a second one writes the answer, and before every token it looks back at what "
    "was read. Every number comes from one run of the real network on your own text."
)

row = heading_row(say("Watch a trained network write, token by token, and change its course"))
with row:
    key = inputs.pick_model(inputs.offered("translate"), on_change=controls.leave)
with answered():
    model = translator(key)
    with row:
        offer_menu(say(ABOUT), model.task.examples, model=model, on_change=controls.forget_edits)
    text = inputs.type_text(
        model.task, label=say("Source: {question}", question=say(model.task.question)), on_change=controls.forget_edits
    )
    controls.explain_example(model.task, text)
    asked = Request(key, text, *controls.chosen_search(model.task))
    reading, _ = answer(asked)
    cards.show_notices(notices(model.task, reading))
    show_translation(model, asked, reading)
