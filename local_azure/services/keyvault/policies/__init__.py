"""The policy of a certificate: the noun, how a request writes one, and the names it spells."""
