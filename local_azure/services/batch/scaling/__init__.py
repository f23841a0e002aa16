"""How many nodes a pool has: resized, scaled by a formula, refused by a quota."""
