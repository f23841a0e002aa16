"""The bodies of requests about jobs and tasks: checked, with Azure's defaults."""
