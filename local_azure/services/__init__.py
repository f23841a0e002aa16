"""What Azure answers: one package per service."""
