"""The spans of time by which a forecast judges."""

from __future__ import annotations

from datetime import timedelta

RENEWAL_LAG = timedelta(hours=72)
"""How late Key Vault may begin a renewal after its trigger has passed. Source: Key Vault certificates, auto-renewal."""

SAFE_MARGIN = timedelta(days=5)
"""Between a trigger and the certificate's end: Key Vault's lag, and two days for the nodes and for somebody to act."""

SOON = timedelta(days=180)
"""How far ahead the end of an image or of a size is told: to move a pool takes planning."""
