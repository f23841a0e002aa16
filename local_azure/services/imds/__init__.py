"""The instance metadata service: tokens for managed identities."""
