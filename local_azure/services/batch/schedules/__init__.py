"""Job schedules: when they make jobs, and what clients ask of them."""
