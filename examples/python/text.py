"""What more than one function needs."""

import re

WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")


def words_of(text):
    """The words of a text in lower case."""
    return WORD.findall(text.lower())
