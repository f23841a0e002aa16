"""Resource providers and their registration with the subscription."""
