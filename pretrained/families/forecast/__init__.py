"""Networks that forecast the next values of a series."""
