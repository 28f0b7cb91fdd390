"""What goes wrong on machines rather than in code: said in one line, without a trace."""

from __future__ import annotations


class Trouble(Exception):
    """The text says what is wrong and, where there is one, the way out."""
