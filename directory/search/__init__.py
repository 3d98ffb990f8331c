"""How listings are found: the question, the answer, and the protocol that every engine obeys."""
