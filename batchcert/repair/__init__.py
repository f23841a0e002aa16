"""Which stale node is given a new start, how, and why another is not."""
