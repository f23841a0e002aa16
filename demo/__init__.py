"""`make demo`: the embedded Azure, Prefect and a worker, one provisioned pool, and its nodes validated."""
