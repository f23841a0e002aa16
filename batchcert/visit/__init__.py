"""One visit of a node: the script that runs there and the reading of its answer, side by side."""
