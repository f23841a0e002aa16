"""How a pool that differs is brought to what is asked for, decided without a network."""
