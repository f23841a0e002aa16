"""Microsoft.KeyVault behind Azure Resource Manager, over HTTP: speaks, decides nothing."""
