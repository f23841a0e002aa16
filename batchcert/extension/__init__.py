"""The KeyVaultForLinux extension: its settings by version, and the traps in them."""
