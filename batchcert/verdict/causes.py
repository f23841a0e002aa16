"""Why the extension, or Batch, cannot do its work: the causes that are known by the words they are told in."""

from __future__ import annotations

from collections.abc import Mapping

from batchcert.verdict.finding import Judged, Verdict


class Cause(Judged):
    """A known cause; `batchcert.verdict.messages` has the words by which each is recognised."""

    DOWNLOAD_FAILING = (
        "extension-download-failing",
        Verdict.FAILED,
        "the vault refuses the identity, its firewall refuses the node, or the certificate is disabled or deleted",
        "give the identity Key Vault Secrets User (or secrets get and list), and let the node's subnet through",
    )
    VAULT_FIREWALL = (
        "extension-vault-firewall",
        Verdict.FAILED,
        "the vault's firewall refuses the node's address; an extension on a node is none of its trusted services",
        "let the pool's subnet or public addresses through the vault's firewall, or give the pool a private endpoint",
    )
    VAULT_FORBIDDEN = (
        "extension-vault-forbidden",
        Verdict.FAILED,
        "the identity may not read the vault's secrets",
        "give the identity Key Vault Secrets User, or secrets get and list on a vault with access policies",
    )
    SECRET_DISABLED = (
        "extension-secret-disabled",
        Verdict.FAILED,
        "the certificate's current version is disabled, and Key Vault hands out no secret of a disabled one",
        "enable it: az keyvault certificate set-attributes --enabled true",
    )
    SECRET_NOT_FOUND = (
        "extension-secret-not-found",
        Verdict.FAILED,
        "the vault has no certificate of the name that the pool observes: deleted, renamed or misspelt",
        "recover or create the certificate, or create the pool with the right name in observedCertificates",
    )
    NAME_NOT_RESOLVED = (
        "extension-name-not-resolved",
        Verdict.FAILED,
        "the node's DNS does not know the vault's host name: misspelt, the vault is gone, or a private zone is missing",
        "compare the vault's name; link the zone privatelink.vaultcore.azure.net to the pool's network",
    )
    SETTINGS_NOT_AN_OBJECT = (
        "extension-settings-not-an-object",
        Verdict.FAILED,
        "the extension's settings were given as a string that holds JSON instead of a JSON object",
        "give settings as an object, and create the pool anew: extensions do not change under nodes",
    )
    AUTH_CONFIG_MISSING = (
        "extension-auth-config-missing",
        Verdict.FAILED,
        "authenticationSettings is missing, or lies inside secretsManagementSettings instead of beside it",
        "put authenticationSettings with msiEndpoint and msiClientId into settings, beside secretsManagementSettings",
    )
    IDENTITY_NOT_FOUND = (
        "extension-identity-not-found",
        Verdict.FAILED,
        "the identity in msiClientId is not on the pool, or its object id or ARM id was given for its client id",
        "add the identity to the pool and use its client id; nodes get it once the pool was resized to 0 and back",
    )
    URL_WITHOUT_HOST = (
        "extension-url-without-host",
        Verdict.FAILED,
        "an entry of observedCertificates is not a whole URL, or has the wrong form for the extension's version",
        "give https://VAULT/secrets/NAME: an object with url in 3.0, a plain string in 1.0 and 2.0",
    )
    IMAGE_GONE = (
        "node-image-gone",
        Verdict.FAILED,
        "the pool's image was retired or taken from the marketplace, so Batch gets no machine with it",
        "create a pool with a current image beside this one; Batch lists those that it supports",
    )


BEHIND: Mapping[Cause, frozenset[str]] = {
    Cause.IDENTITY_NOT_FOUND: frozenset(
        {"client-id-not-a-guid", "client-id-of-another", "pool-identity-missing", "identity-not-an-arm-id"}
    ),
    Cause.AUTH_CONFIG_MISSING: frozenset({"authentication-settings-misplaced", "authentication-settings-missing"}),
    Cause.SETTINGS_NOT_AN_OBJECT: frozenset({"settings-not-an-object"}),
    Cause.URL_WITHOUT_HOST: frozenset({"strings-on-version-3", "objects-on-old-version", "certificate-url-observed"}),
    Cause.IMAGE_GONE: frozenset({"image-retired", "image-never-published"}),
}
"""Which traps in a pool's own body bring a cause about: where the body shows one, it is the nearer cause."""
