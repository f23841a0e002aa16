"""The command `batchcert`: explain, check; thin."""
