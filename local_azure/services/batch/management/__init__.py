"""Microsoft.Batch behind Azure Resource Manager."""
