"""The Explain page: exact bookkeeping, what-ifs and tests of attention, each section in a module of its own."""
