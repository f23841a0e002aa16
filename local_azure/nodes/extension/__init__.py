"""KeyVaultForLinux, versions 1.0, 2.0 and 3.0, as it behaves on a node."""
