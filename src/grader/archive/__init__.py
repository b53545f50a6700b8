"""One research archive's pages: readers, checks and published scorecards."""
