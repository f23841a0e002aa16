"""Desired against observed: what each step would change, decided without a network."""
