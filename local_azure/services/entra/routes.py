"""Entra over HTTP: discovery documents and the token endpoint."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

from local_azure.services.entra import errors
from local_azure.services.entra.directory import Directory
from local_azure.wire.messages import Reply, Request
from local_azure.wire.router import Routes
from local_azure.wire.tokens import LIFETIME_SECONDS

_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
HOSTS = ("login.microsoftonline.com", "login.microsoftonline.us", "login.chinacloudapi.cn", "login.windows.net")


routes: Routes[Directory] = Routes(
    service="entra",
    hosts=HOSTS,
    render=errors.render,
    not_found=errors.not_found,
    trouble=errors.TROUBLE,
)


@routes.get("/{tenant}/discovery/instance", name="Discovery_Instance")
@routes.get("/common/discovery/instance", name="Discovery_Instance")
def instance_discovery(directory: Directory, request: Request) -> Reply:
    """Which hosts belong to one cloud. Source: MSAL's instance discovery protocol."""
    tenant = directory.settings.tenant
    hosts = {
        "login.microsoftonline.com": ["login.microsoftonline.com", "login.windows.net", "login.microsoft.com"],
        "login.microsoftonline.us": ["login.microsoftonline.us", "login.usgovcloudapi.net"],
        "login.chinacloudapi.cn": ["login.partner.microsoftonline.cn", "login.chinacloudapi.cn"],
    }
    return Reply(
        200,
        {
            "tenant_discovery_endpoint": f"https://{request.host}/{tenant}/v2.0/.well-known/openid-configuration",
            "api-version": "1.1",
            "metadata": [
                {"preferred_network": host, "preferred_cache": aliases[0], "aliases": aliases}
                for host, aliases in hosts.items()
            ],
        },
    )


@routes.get("/{tenant}/.well-known/openid-configuration", name="OpenId_Configuration")
@routes.get("/{tenant}/v2.0/.well-known/openid-configuration", name="OpenId_ConfigurationV2")
def openid_configuration(directory: Directory, request: Request) -> Reply:
    """The tenant's endpoints. Source: OpenID Connect Discovery 1.0, section 4."""
    if not directory.has_tenant(request.params["tenant"]):
        raise errors.tenant_not_found(request.params["tenant"], "invalid_tenant")
    base = f"https://{request.host}/{request.params['tenant']}"
    return Reply(200, _configuration(base, directory.settings.tenant))


@routes.get("/{tenant}/discovery/v2.0/keys", name="OpenId_Keys")
def keys(directory: Directory, request: Request) -> Reply:
    """The public key that the tokens are signed with. Source: RFC 7517."""
    directory.check_tenant(request.params["tenant"])
    return Reply(200, {"keys": [directory.tokens.public_jwk()]})


@routes.post("/{tenant}/oauth2/v2.0/token", name="OAuth2_Token")
def token(directory: Directory, request: Request) -> Reply:
    """The client credentials grant, with a secret or an assertion. Sources: RFC 6749, 4.4; RFC 7521, 4.2."""
    form = {name: values[-1] for name, values in parse_qs(request.body.decode("utf-8", "replace")).items()}
    grant = _field(form, "grant_type")
    if grant != "client_credentials":
        raise errors.unsupported_grant(grant)
    tenant, client_id, scope = request.params["tenant"], _field(form, "client_id"), _field(form, "scope")
    if "client_assertion" in form:
        if _field(form, "client_assertion_type") != _ASSERTION_TYPE:
            raise errors.unsupported_assertion(form["client_assertion_type"])
        access_token = directory.with_assertion(
            tenant, client_id, form["client_assertion"], scope, endpoints=_endpoints(request)
        )
    else:
        access_token = directory.with_secret(tenant, client_id, _field(form, "client_secret"), scope)
    return Reply(
        200,
        {
            "token_type": "Bearer",
            "expires_in": LIFETIME_SECONDS,
            "ext_expires_in": LIFETIME_SECONDS,
            "access_token": access_token,
        },
        {"Cache-Control": "no-store, no-cache"},
    )


def _endpoints(request: Request) -> list[str]:
    """What an assertion's audience may be: the token endpoint, or the issuer of the tenant's tokens."""
    base = f"https://{request.host}/{request.params['tenant']}"
    return [f"{base}/oauth2/v2.0/token", f"{base}/oauth2/token", f"{base}/v2.0", base, f"{base}/"]


def _field(form: dict[str, str], name: str) -> str:
    if not form.get(name):
        raise errors.missing_parameter(name)
    return form[name]


def _configuration(base: str, tenant: str) -> dict[str, Any]:
    host = base.split("/")[2]
    return {
        "token_endpoint": f"{base}/oauth2/v2.0/token",
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
        "jwks_uri": f"{base}/discovery/v2.0/keys",
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "issuer": f"https://{host}/{tenant}/v2.0",
        "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
        "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
        "end_session_endpoint": f"{base}/oauth2/v2.0/logout",
        "tenant_region_scope": None,
        "cloud_instance_name": "microsoftonline.com",
    }
