"""Events, the fold of draft and events, and the terminal app for reviewers."""
