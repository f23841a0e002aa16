"""What is true of each certificate on each node, and why."""
