"""The Batch service itself, at each account's own host."""
