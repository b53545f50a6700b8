"""Many hosts, one queue: questions in a PostgreSQL database that workers on any host answer."""
