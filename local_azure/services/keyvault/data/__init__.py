"""A vault's own host over HTTP: speaks, decides nothing."""
