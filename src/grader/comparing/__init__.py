"""Makes comparisons: plans them, asks in waves, writes the drafts."""
