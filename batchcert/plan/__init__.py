"""Desired against observed: what each step would change."""
