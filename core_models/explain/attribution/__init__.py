"""Which inputs made an output, by several methods, and how far each can be trusted."""
