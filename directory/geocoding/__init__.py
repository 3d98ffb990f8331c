"""Where a text lies: Place, NoSuchPlace, or an error. Three answers, three types."""
