"""What lies ahead of a pool: its certificates' next renewals, and what would keep them from going well."""
