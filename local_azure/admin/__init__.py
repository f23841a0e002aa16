"""The levers of the embedded Azure: clock, requests, environment, faults, what Azure does to Batch, mails."""
