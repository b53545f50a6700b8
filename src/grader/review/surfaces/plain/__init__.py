"""Review in a plain terminal, line by line."""
