"""The faults that Azure names, each with its cause and its cure: a table, by the service's own codes.

Sources: "Common Azure deployment errors", "Key Vault REST API error codes", "Batch service error codes",
"Microsoft Entra authentication and authorization error codes", Microsoft Learn.
"""

from __future__ import annotations

from dataclasses import dataclass

from batchcert.problems import Problem


@dataclass(frozen=True)
class Fault:
    """A kind of fault: our stable code, why it happens, what to do, and whether waiting helps."""

    code: str
    cause: str = ""
    cure: str = ""
    passes: bool = False

    def problem(self, what: str) -> Problem:
        """The Problem of this kind that says *what* happened."""
        return Problem(self.code, what=what, cause=self.cause, cure=self.cure, passes=self.passes)


NOT_SIGNED_IN = Fault(
    "azure-not-signed-in",
    "neither the environment, nor a managed identity, nor a signed-in tool gave a credential that works",
    "set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, or run on a machine with a managed identity, or "
    "`az login`",
)
UNREACHABLE = Fault(
    "azure-unreachable",
    "the network, a proxy or a name that does not exist: a vault's address is made from its name",
    "check HTTPS_PROXY, NO_PROXY and the vault's name, and whether this machine may reach Azure",
    passes=True,
)
UNTRUSTED = Fault(
    "azure-tls-untrusted",
    "something on the way, a company's proxy usually, shows a certificate of an authority this machine does not know",
    "give that authority's certificate in REQUESTS_CA_BUNDLE",
)

_GRANT = "ask an owner for the role, or look whether it was given at another scope; a new one takes some minutes"
_VAULT_RBAC = Fault(
    "vault-forbidden",
    "the vault decides access by roles, and whoever runs this has none that allows it",
    "give yourself Key Vault Certificates Officer on the vault; a new role takes some minutes",
)
_VAULT_POLICY = Fault(
    "vault-forbidden",
    "the vault decides access by access policies, and whoever runs this has none that allows it",
    "give yourself an access policy with certificates get, list, create, update and recover",
)
_FORBIDDEN = Fault("azure-forbidden", "whoever runs this has no role that allows it there", _GRANT)
_OUT_OF_ORDER = Fault("azure-unavailable", "the service has a fault of its own", "run again later", passes=True)
_BUSY = Fault("azure-unavailable", "the service is busy with the same resource", "run again in a minute", passes=True)
_THROTTLED = Fault("azure-throttled", "too many requests in a short time", "run again later", passes=True)
_QUOTA = Fault(
    "batch-quota",
    "the Batch account has no more of it left",
    "ask for more under Quotas of the account in the portal, or ask for less",
)
_BAD_ID = Fault(
    "azure-wrong-target", "target names something that does not exist or is not yours", "correct the target"
)

BY_CODE: dict[str, Fault] = {
    "forbiddenbyfirewall": Fault(
        "vault-firewall",
        "the vault's firewall does not let this address in",
        "add the worker's address or subnet to the vault's firewall, or run where it is let in",
    ),
    "forbiddenbyrbac": _VAULT_RBAC,
    "forbiddenbypolicy": _VAULT_POLICY,
    "accessdenied": _VAULT_POLICY,
    "authorizationfailed": _FORBIDDEN,
    "linkedauthorizationfailed": Fault(
        "identity-assign-forbidden",
        "putting an identity on a pool needs the right to assign it, or to join the subnet",
        "get Managed Identity Operator on the identity, and Network Contributor on the subnet if there is one",
    ),
    "requestdisallowedbypolicy": Fault(
        "azure-policy-refuses", "an Azure Policy of the subscription forbids it", "ask whoever owns the policy"
    ),
    "scopelocked": Fault("azure-locked", "a lock on the resource or its group forbids it", "remove the lock"),
    "readonlydisabledsubscription": Fault(
        "subscription-disabled", "the subscription is disabled", "have it enabled again"
    ),
    "missingsubscriptionregistration": Fault(
        "provider-not-registered",
        "the subscription has not registered the resource provider",
        "az provider register --namespace with the name in the message",
    ),
    "subscriptionnotfound": _BAD_ID,
    "invalidsubscriptionid": _BAD_ID,
    "resourcegroupnotfound": _BAD_ID,
    "principalnotfound": Fault(
        "identity-not-everywhere-yet",
        "Entra has not told all its servers of a new identity",
        "run again in a minute",
        passes=True,
    ),
    "objectisdeletedbutrecoverable": Fault(
        "certificate-soft-deleted", "a deleted certificate holds the name", "recover it, or choose another name"
    ),
    "objectisbeingdeleted": _BUSY,
    "objectisbeingrecovered": _BUSY,
    "vaultalreadyexists": Fault(
        "vault-name-taken", "a vault's name is unique in all of Azure, and this one is taken", "choose another name"
    ),
    "throttled": _THROTTLED,
    "toomanyrequests": _THROTTLED,
    "operationthrottled": _THROTTLED,
    "poolexists": Fault("pool-exists", "somebody created the pool at the same time", "run again"),
    "poolbeingdeleted": Fault(
        "pool-being-deleted", "its name is free only once its nodes are gone", "run again in some minutes", passes=True
    ),
    "poolnotfound": Fault(
        "pool-not-found", "the account has no pool of that name", "correct the name, or provision it"
    ),
    "nodenotready": Fault("node-not-ready", "it is not idle or running just now", "run again", passes=True),
    "nodestateunusable": Fault("node-unusable", "the node is unusable", "look at its errors, then reimage it"),
    "operationnotvalidonnode": Fault(
        "node-operation-refused",
        "Batch does not do that to nodes of this kind of pool, or of this state",
        "remove the node from the pool and give the pool its size back: a new node has a new disk",
    ),
    "poolquotareached": _QUOTA,
    "accountcorequotareached": _QUOTA,
    "accountvmseriescorequotareached": _QUOTA,
    "propertycannotbeupdated": Fault(
        "pool-property-fixed", "the pool has nodes, and the property does not change under them", "use another pool"
    ),
}
"""By the service's code in lower case, `innererror.code` before `code`."""

BY_STATUS: dict[int, Fault] = {
    401: Fault(
        "azure-token-refused",
        "the token is for another tenant or cloud, or was taken back",
        "check AZURE_TENANT_ID and target.cloud, and sign in again",
    ),
    403: _FORBIDDEN,
    404: Fault("azure-not-found", "it does not exist, or you may not see it", "check the names in the parameters"),
    408: _OUT_OF_ORDER,
    412: Fault("azure-changed-meanwhile", "somebody else changed it at the same time", "run again", passes=True),
    429: _THROTTLED,
    400: Fault(
        "azure-refused",
        "the service does not take the request as it is",
        "correct what its message names; Azure's support finds the request by its id",
    ),
    500: _OUT_OF_ORDER,
}
"""By HTTP status, for codes that are not in the table; 400 and 500 stand for all others of their hundred."""

BY_ENTRA_CODE: dict[str, Fault] = {
    "AADSTS7000215": Fault(
        "entra-wrong-secret",
        "AZURE_CLIENT_SECRET is not a secret of the application; often its id is given instead of its value",
        "set the secret's value",
    ),
    "AADSTS7000222": Fault(
        "entra-secret-expired", "the application's secret has expired", "make a new one and set AZURE_CLIENT_SECRET"
    ),
    "AADSTS700016": Fault(
        "entra-unknown-application",
        "the tenant has no application with that client id",
        "check AZURE_CLIENT_ID and AZURE_TENANT_ID",
    ),
    "AADSTS90002": Fault(
        "entra-unknown-tenant", "the cloud has no such tenant", "check AZURE_TENANT_ID and target.cloud"
    ),
    "AADSTS900023": Fault(
        "entra-unknown-tenant", "AZURE_TENANT_ID is neither a GUID nor a domain", "correct AZURE_TENANT_ID"
    ),
    "AADSTS50057": Fault("entra-account-disabled", "the account is disabled", "have it enabled, or use another"),
    "AADSTS90033": Fault("azure-unavailable", "Entra has a fault of its own", "run again later", passes=True),
    "AADSTS90024": Fault("azure-throttled", "Entra is asked too often", "run again later", passes=True),
}
"""By Entra's code; every other one is `azure-not-signed-in`."""
