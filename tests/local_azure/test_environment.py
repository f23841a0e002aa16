"""Which variables a client of the embedded Azure has, and which it must not have."""

from __future__ import annotations

from azure.identity._constants import EnvironmentVariables

from local_azure.environment import LEADS_ELSEWHERE, changes
from local_azure.serving import LocalAzure

HARMLESS = {"AZURE_CLIENT_SEND_CERTIFICATE_CHAIN", "AZURE_IDENTITY_DISABLE_MULTITENANTAUTH"}
"""What azure.identity reads and what leads nowhere else."""


def test_each_variable_of_azure_identity_is_ours_or_unset(shared_azure: LocalAzure) -> None:
    """None that somebody's shell or CI has set decides where a client signs in."""
    read = {value for name, value in vars(EnvironmentVariables).items() if name.isupper() and isinstance(value, str)}
    assert read - HARMLESS <= set(changes(shared_azure.env))


def test_what_is_set_is_never_unset(shared_azure: LocalAzure) -> None:
    """The embedded Azure's own variables have their values, all others go."""
    assert not LEADS_ELSEWHERE & set(shared_azure.env)
    kept = {name: value for name, value in changes(shared_azure.env).items() if value is not None}
    assert kept == shared_azure.env
