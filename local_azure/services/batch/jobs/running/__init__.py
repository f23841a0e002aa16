"""Commands on nodes: tasks, job preparations, job releases."""
