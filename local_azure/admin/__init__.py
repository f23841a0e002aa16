"""The levers of the embedded Azure: clock, requests, environment."""
