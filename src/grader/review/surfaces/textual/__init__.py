"""Review in the terminal app."""
