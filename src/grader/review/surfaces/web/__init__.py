"""The review in a browser: plain pages from a server, usable by keyboard alone."""
