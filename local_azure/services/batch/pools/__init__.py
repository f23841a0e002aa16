"""Pools: created, changed, deleted."""
