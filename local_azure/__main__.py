"""`python -m local_azure` is the command `local-azure`."""

from local_azure.command import main

main()
