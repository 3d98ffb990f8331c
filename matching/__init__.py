"""What fits: pure functions over the directory's records. No session, no network, no clock of its own."""
