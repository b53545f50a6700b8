"""What is asked and in which shape it is answered. Blinding lives here."""
