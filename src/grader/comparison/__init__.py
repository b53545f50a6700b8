"""Plans the questions of a pair, has them asked, reconciles the answers into a draft."""
