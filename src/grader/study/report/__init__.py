"""The report of a study: its sections as blocks, laid out as Markdown and as one page."""
