"""The flows: one module per thing a person runs."""
