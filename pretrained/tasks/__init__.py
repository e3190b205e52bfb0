"""Tasks: one file each, listed here and nowhere else."""

from pretrained.task import Task
from pretrained.tasks.beijing_pm25 import BEIJING_PM25
from pretrained.tasks.c_code import C_CODE
from pretrained.tasks.chinese_dialogue import CHINESE_DIALOGUE
from pretrained.tasks.co2 import CO2
from pretrained.tasks.commands import COMMANDS
from pretrained.tasks.dates import DATES
from pretrained.tasks.digits import DIGITS
from pretrained.tasks.english_chinese import ENGLISH_CHINESE
from pretrained.tasks.english_french import ENGLISH_FRENCH
from pretrained.tasks.ett_oil_temperature import ETT_OIL_TEMPERATURE
from pretrained.tasks.facts import FACTS
from pretrained.tasks.parts_of_speech import PARTS_OF_SPEECH
from pretrained.tasks.poems import POEMS
from pretrained.tasks.protein_structure import PROTEIN_STRUCTURE
from pretrained.tasks.seattle_temperature import SEATTLE_TEMPERATURE
from pretrained.tasks.sentiment import SENTIMENT
from pretrained.tasks.shakespeare import SHAKESPEARE
from pretrained.tasks.sounds import SOUNDS
from pretrained.tasks.splice_junctions import SPLICE_JUNCTIONS
from pretrained.tasks.spoken_digits import SPOKEN_DIGITS

TASKS: tuple[Task, ...] = (
    SENTIMENT,
    ENGLISH_FRENCH,
    ENGLISH_CHINESE,
    SOUNDS,
    FACTS,
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
    BEIJING_PM25,
    SEATTLE_TEMPERATURE,
    CO2,
    ETT_OIL_TEMPERATURE,
)
