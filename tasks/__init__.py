"""The Prefect tasks: one module per step, a screen each."""
