"""The environment in which a process takes the embedded Azure for Azure."""

from __future__ import annotations

from collections.abc import Mapping

LEADS_ELSEWHERE = frozenset(
    {
        # proxies: `requests` prefers a name in lower case to the same one in upper case
        *("https_proxy", "http_proxy", "no_proxy", "all_proxy", "ALL_PROXY"),
        # other certificate authorities
        *("SSL_CERT_FILE", "SSL_CERT_DIR", "CURL_CA_BUNDLE"),
        # other clouds, issuers and ways to sign in, as azure.identity and azure.core read them
        *("AZURE_AUTHORITY_HOST", "AZURE_SDK_CLOUD_CONF", "AZURE_REGIONAL_AUTHORITY_NAME", "AZURE_TOKEN_CREDENTIALS"),
        *("AZURE_USERNAME", "AZURE_PASSWORD", "AZURE_CLIENT_CERTIFICATE_PASSWORD"),
        # other sources of managed identities
        *("IDENTITY_ENDPOINT", "IDENTITY_HEADER", "IDENTITY_SERVER_THUMBPRINT", "IMDS_ENDPOINT"),
        *("MSI_ENDPOINT", "MSI_SECRET", "AZURE_POD_IDENTITY_AUTHORITY_HOST"),
        *("AZURE_KUBERNETES_CA_DATA", "AZURE_KUBERNETES_CA_FILE"),
        *("AZURE_KUBERNETES_SNI_NAME", "AZURE_KUBERNETES_TOKEN_PROXY"),
    }
)
"""What leads a client past the embedded Azure, where it is set beside the embedded Azure's own variables."""


def changes(env: Mapping[str, str]) -> dict[str, str | None]:
    """What becomes of each variable for a client of the embedded Azure whose `env` this is; None unsets it."""
    return {**dict.fromkeys(sorted(LEADS_ELSEWHERE)), **env}
