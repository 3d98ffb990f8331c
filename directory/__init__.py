"""What exists: the listings, where they are kept, how they are found. Knows no other room."""
