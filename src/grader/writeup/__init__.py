"""From a comparison, reviewed or not, to a text that people read."""
