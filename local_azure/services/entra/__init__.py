"""Entra: tenants, service principals, tokens."""
