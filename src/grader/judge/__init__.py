"""Takes a question, gives back an answer or an outcome. Knows nothing of criteria."""
