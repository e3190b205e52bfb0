"""Generate: let a trained network write, character by character, and colour the text by any of its units."""

from core_models.language import mark, say
from viz.generate import controls
from viz.generate.page import show_generation
from viz.generate.writing import writer
from viz.menu import offer_menu
from viz.run import answered, heading_row

ABOUT = mark(
    "After each character the network says how probable every next one is; one of them is drawn and read as the "
    "next input. The text is coloured by the value of any unit while it was written, in exact numbers."
)

row = heading_row(say("Let a trained network write, and see which of its units follow what"))
with row:
    key = controls.pick_writer()
with answered():
    model = writer(key)
    with row:
        offer_menu(say(ABOUT), model.task.prompts, model=model)
    prompt = controls.type_prompt(model.task)
    show_generation(model, controls.pick_sampling(key, prompt))
