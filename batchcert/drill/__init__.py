"""The rotation drill: how long a new version takes to every node, and how that changes from drill to drill."""
