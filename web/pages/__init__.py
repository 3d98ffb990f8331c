"""Pages for people: each view parses, asks the core once, renders."""
