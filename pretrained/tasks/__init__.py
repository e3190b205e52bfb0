"""Tasks: one file each, listed here and nowhere else."""

from pretrained.task import Task
from pretrained.tasks.classes.sentiment import SENTIMENT
from pretrained.tasks.classes.splice_junctions import SPLICE_JUNCTIONS
from pretrained.tasks.classes.spoken_digits import SPOKEN_DIGITS
from pretrained.tasks.classes.story_questions import STORY_QUESTIONS
from pretrained.tasks.forecast.beijing_pm25 import BEIJING_PM25
from pretrained.tasks.forecast.co2 import CO2
from pretrained.tasks.forecast.ett_oil_temperature import ETT_OIL_TEMPERATURE
from pretrained.tasks.forecast.seattle_temperature import SEATTLE_TEMPERATURE
from pretrained.tasks.forecast.stocks import STOCKS
from pretrained.tasks.labels.chinese_dialogue import CHINESE_DIALOGUE
from pretrained.tasks.labels.commands import COMMANDS
from pretrained.tasks.labels.parts_of_speech import PARTS_OF_SPEECH
from pretrained.tasks.labels.protein_structure import PROTEIN_STRUCTURE
from pretrained.tasks.next_token.c_code import C_CODE
from pretrained.tasks.next_token.poems import POEMS
from pretrained.tasks.next_token.shakespeare import SHAKESPEARE
from pretrained.tasks.translation.dates import DATES
from pretrained.tasks.translation.digits import DIGITS
from pretrained.tasks.translation.english_chinese import ENGLISH_CHINESE
from pretrained.tasks.translation.english_french import ENGLISH_FRENCH
from pretrained.tasks.translation.facts import FACTS
from pretrained.tasks.translation.sounds import SOUNDS
from pretrained.tasks.translation.titles import TITLES

TASKS: tuple[Task, ...] = (
    SENTIMENT,
    ENGLISH_FRENCH,
    ENGLISH_CHINESE,
    SOUNDS,
    FACTS,
    TITLES,
    DATES,
    DIGITS,
    SHAKESPEARE,
    C_CODE,
    POEMS,
    PARTS_OF_SPEECH,
    COMMANDS,
    CHINESE_DIALOGUE,
    PROTEIN_STRUCTURE,
    SPLICE_JUNCTIONS,
    SPOKEN_DIGITS,
    STORY_QUESTIONS,
    BEIJING_PM25,
    SEATTLE_TEMPERATURE,
    CO2,
    ETT_OIL_TEMPERATURE,
    STOCKS,
)
