"""What the extension's own messages mean.

Sources: status files quoted in Microsoft's documents and in the trackers of azure-linux-extensions and AzureTRE.
"""

from __future__ import annotations

from batchcert.verdict.reasons import Reason

KNOWN: tuple[tuple[str, Reason], ...] = (
    ("identity not found", Reason.IDENTITY_NOT_FOUND),
    ("attempt to get non-existent authconfig", Reason.AUTH_CONFIG_MISSING),
    ("failed to parse the configuration settings with: 'not an object'", Reason.SETTINGS_NOT_AN_OBJECT),
    ("uri must contain a hostname", Reason.URL_WITHOUT_HOST),
    ("failed to download one or more certificates", Reason.DOWNLOAD_FAILING),
)
"""Pieces of messages in lower case: the nearest causes first, for one message may quote another."""


def known_reason(*messages: str) -> Reason | None:
    """The reason behind the first of *messages* that is known, or None."""
    texts = [message.lower() for message in messages]
    return next((reason for text in texts for piece, reason in KNOWN if piece in text), None)
