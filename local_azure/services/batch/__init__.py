"""Batch: accounts and pools on the management plane, pools and nodes on the data plane."""
