"""What the words of the extension, of Batch and of Key Vault mean.

Sources: status files quoted in Microsoft's documents and in the trackers of azure-linux-extensions and AzureTRE; Key
Vault's REST API errors and its innererror codes ("Key Vault REST API error codes"); libcurl's and glibc's words for a
name that is not resolved; Azure's compute errors for platform images ("Provisioning and allocation errors").
"""

from __future__ import annotations

from batchcert.verdict.causes import Cause

KNOWN: tuple[tuple[str, Cause], ...] = (
    ("identity not found", Cause.IDENTITY_NOT_FOUND),
    ("attempt to get non-existent authconfig", Cause.AUTH_CONFIG_MISSING),
    ("failed to parse the configuration settings with: 'not an object'", Cause.SETTINGS_NOT_AN_OBJECT),
    ("uri must contain a hostname", Cause.URL_WITHOUT_HOST),
    ("forbiddenbyfirewall", Cause.VAULT_FIREWALL),
    ("forbiddenbyconnection", Cause.VAULT_FIREWALL),
    ("caller is not a trusted service", Cause.VAULT_FIREWALL),
    ("public network access is disabled", Cause.VAULT_FIREWALL),
    ("secretdisabled", Cause.SECRET_DISABLED),
    ("not allowed on a disabled secret", Cause.SECRET_DISABLED),
    ("forbiddenbyrbac", Cause.VAULT_FORBIDDEN),
    ("forbiddenbypolicy", Cause.VAULT_FORBIDDEN),
    ("does not have secrets get permission", Cause.VAULT_FORBIDDEN),
    ("caller is not authorized to perform action", Cause.VAULT_FORBIDDEN),
    ("accessdenied", Cause.VAULT_FORBIDDEN),
    ("secretnotfound", Cause.SECRET_NOT_FOUND),
    ("was not found in this key vault", Cause.SECRET_NOT_FOUND),
    ("could not resolve host", Cause.NAME_NOT_RESOLVED),
    ("name or service not known", Cause.NAME_NOT_RESOLVED),
    ("temporary failure in name resolution", Cause.NAME_NOT_RESOLVED),
    ("no address associated with hostname", Cause.NAME_NOT_RESOLVED),
    ("error resolving address", Cause.NAME_NOT_RESOLVED),
    ("platformimagenotfound", Cause.IMAGE_GONE),
    ("imageversiondeprecated", Cause.IMAGE_GONE),
    ("the platform image", Cause.IMAGE_GONE),
    ("failed to download one or more certificates", Cause.DOWNLOAD_FAILING),
)
"""Pieces of messages in lower case: the nearest causes first, for one message may quote another."""


def known_reason(*messages: str) -> Cause | None:
    """The cause behind the first of *messages* that is known, or None."""
    texts = [message.lower() for message in messages]
    return next((cause for text in texts for piece, cause in KNOWN if piece in text), None)
