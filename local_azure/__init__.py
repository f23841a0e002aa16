"""The embedded Azure: a process that unmodified clients take for Azure."""
