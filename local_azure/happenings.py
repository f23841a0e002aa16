"""What Azure does by itself, some time after the request that asked for it was answered.

A fault rule can name these as it can name operations. Each goes by the name of what it happens to.
"""

from __future__ import annotations

DOMAIN = "happening"

CERTIFICATE_ISSUANCE = "CertificateIssuance"  # vault/certificate: a creation or a renewal
GRANT = "Grant"  # the ARM id of the role assignment's scope, or of the vault: access that was given takes effect
POOL_RESIZE = "PoolResize"  # account/pool
VAULT_CREATION = "VaultCreation"  # vault

FAILED, LATE = "failed", "late"
CAN_FAIL = frozenset({CERTIFICATE_ISSUANCE, POOL_RESIZE, VAULT_CREATION})
CAN_BE_LATE = frozenset({CERTIFICATE_ISSUANCE, GRANT})
