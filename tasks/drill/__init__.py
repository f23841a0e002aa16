"""The steps of a rotation drill: may it start, issue, wait for every node, report."""
