"""All that Key Vault remembers: plain values that survive a restart.

Names are kept as first written and looked up in lower case: Key Vault compares them without regard to case.
"""
