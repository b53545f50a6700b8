"""Many comparisons together: how far raters agree."""
