"""Whole files, lines of JSON, YAML with line numbers."""
