"""Vaults: the rules of their life, and what a request says of one."""
