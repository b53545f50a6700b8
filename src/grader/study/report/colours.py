"""Colours of the figures: those of the writeup on light paper."""

from __future__ import annotations

INK, SOFT, RULE = "#20242b", "#5b6270", "#d9d6cd"
BEFORE, AFTER = "#1f5f7a", "#a3430f"
STEPS = ("#d3cfc4", "#9fb4bd", "#1f5f7b", "#163f52", "#0e2a37", "#081a23", "#040d12")
"""Levels from the lowest to the highest."""
