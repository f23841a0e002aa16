"""Which task begins when, and where."""
