"""Keys and X.509: what Key Vault makes as a policy says, and what it reads; knows no vault."""
