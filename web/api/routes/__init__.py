"""Routes of the API: each parses, asks the core once, and answers."""
