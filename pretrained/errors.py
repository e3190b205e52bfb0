"""What can be wrong with a shipped model."""


class ModelError(ValueError):
    """A model that cannot be used; the message is a sentence for the person at the screen."""
