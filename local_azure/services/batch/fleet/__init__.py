"""The machines behind nodes: how they come up, change state and go."""
