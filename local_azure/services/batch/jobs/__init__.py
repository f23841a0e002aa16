"""Jobs and their tasks: added, scheduled onto nodes, run, ended."""
