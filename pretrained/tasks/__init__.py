"""Tasks: one file each, listed here and nowhere else."""

from pretrained.task import Task
from pretrained.tasks.sentiment import Sentiment

TASKS: tuple[Task, ...] = (Sentiment(),)
