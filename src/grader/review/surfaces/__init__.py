"""The three faces of a review: plain terminal, terminal app, web."""
