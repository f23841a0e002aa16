"""Plain functions that speak to a node over SSH; no Prefect."""
