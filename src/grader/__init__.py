"""Compare what a language model does under two conditions, with evidence that can be checked."""

__version__ = "0.1.0"
