"""Key Vault: vaults behind Azure Resource Manager, certificates and secrets at each vault's own host."""
