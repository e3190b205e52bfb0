"""Kinds of tasks by what their networks give: one file each. A task is an instance of one of them."""
