"""Management locks: what may not be deleted, or not be changed at all."""
