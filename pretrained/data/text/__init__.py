"""Texts as data: alphabets, tokenizers, treebanks and pairs of sentences."""
