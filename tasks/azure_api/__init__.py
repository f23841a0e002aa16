"""Plain functions that speak to Azure; no Prefect."""
