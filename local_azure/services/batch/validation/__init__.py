"""What Batch accepts of a pool, in its own words of refusal."""
