"""Secrets: ordinary ones, and the view of a certificate as a secret."""
