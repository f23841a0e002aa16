"""What clients ask of nodes."""
