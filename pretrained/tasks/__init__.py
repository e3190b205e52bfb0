"""Tasks: one file each, listed here and nowhere else."""

from pretrained.characters import CharacterTask
from pretrained.pairs import PairTask
from pretrained.recognition import RecognitionTask
from pretrained.tags import TagTask
from pretrained.task import Task
from pretrained.tasks.c_code import C_CODE
from pretrained.tasks.chinese_dialogue import CHINESE_DIALOGUE
from pretrained.tasks.commands import COMMANDS
from pretrained.tasks.dates import DATES
from pretrained.tasks.digits import DIGITS
from pretrained.tasks.english_chinese import ENGLISH_CHINESE
from pretrained.tasks.english_french import ENGLISH_FRENCH
from pretrained.tasks.facts import FACTS
from pretrained.tasks.parts_of_speech import PARTS_OF_SPEECH
from pretrained.tasks.poems import POEMS
from pretrained.tasks.protein_structure import PROTEIN_STRUCTURE
from pretrained.tasks.sentiment import Sentiment
from pretrained.tasks.shakespeare import SHAKESPEARE
from pretrained.tasks.sounds import SOUNDS
from pretrained.tasks.splice_junctions import SPLICE_JUNCTIONS
from pretrained.tasks.spoken_digits import SPOKEN_DIGITS

TASKS: tuple[Task | PairTask | CharacterTask | TagTask | RecognitionTask, ...] = (
    Sentiment(),
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
)
