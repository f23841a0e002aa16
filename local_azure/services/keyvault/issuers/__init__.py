"""Certificate authorities of a vault, and the people who are written to."""
