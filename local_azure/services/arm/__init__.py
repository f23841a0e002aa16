"""Azure Resource Manager: subscriptions, resource groups, providers, roles."""
