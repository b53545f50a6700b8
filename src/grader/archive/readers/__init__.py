"""Readers of the archive's pages, as text and as HTML."""
