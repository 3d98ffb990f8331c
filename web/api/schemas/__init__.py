"""Models of what the API is asked and of what it answers: its description is made from them."""
