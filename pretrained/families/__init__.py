"""Families of networks: one file each. A task names its family; the training loop and the registry ask the family."""
