"""What holds for any text: quotations, spans, sentences, invisible characters."""
