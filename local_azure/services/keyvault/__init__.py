"""Key Vault: vaults on the management plane, certificates and secrets on the data plane."""
