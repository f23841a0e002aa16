"""Refusals of Microsoft.KeyVault behind Azure Resource Manager, in its words.

Sources: the service's answers as quoted in the test recordings and issue threads of Azure's own clients.
"""

from __future__ import annotations

from local_azure.services.arm.errors import resource_not_found
from local_azure.wire.messages import AzureError

VAULT_TYPE = "Microsoft.KeyVault/vaults"


def vault_not_found(name: str, group: str) -> AzureError:
    """404: no vault of this name in the group."""
    return resource_not_found(VAULT_TYPE, name, group)


def bad_request(message: str) -> AzureError:
    """400: a property that is missing or has a value that is not taken."""
    return AzureError(400, "BadRequest", message)


def not_specified(name: str) -> AzureError:
    """400: a property that is missing."""
    return bad_request(f"The parameter {name} is not specified.")


def invalid_value(name: str) -> AzureError:
    """400: a property with a value that is not taken."""
    return bad_request(f"An invalid value was provided for '{name}'.")


def invalid_name(name: str) -> AzureError:
    """400: a name against the rules for vaults."""
    return AzureError(400, "VaultNameNotValid", f"The vault name '{name}' is invalid. {NAME_RULE}")


NAME_RULE = (
    "A vault's name must be between 3-24 alphanumeric characters. The name must begin with a letter, end with a letter "
    "or digit, and not contain consecutive hyphens. Follow this link for more information: "
    "https://go.microsoft.com/fwlink/?linkid=2147742"
)


def already_exists(name: str) -> AzureError:
    """409: the name is another vault's; vault names are unique in all of Azure."""
    return AzureError(409, "VaultAlreadyExists", taken_message(name))


def taken_message(name: str) -> str:
    """Why a name cannot be had."""
    return (
        f"The vault name '{name}' is already in use. Vault names are globally unique so it is possible that the name "
        "is already taken. If you are sure that the vault name was not taken then it is possible that a vault with the "
        "same name was recently deleted but not purged after being placed in a recoverable state. If the vault is in a "
        "recoverable state then the vault will need to be purged before reusing the name. For more information about "
        "VaultAlreadyExists error, soft delete and purging a vault follow this link "
        "https://go.microsoft.com/fwlink/?linkid=2147740."
    )


def deleted_namesake() -> AzureError:
    """409: a soft-deleted vault has the name."""
    return AzureError(
        409,
        "ConflictError",
        "A vault with the same name already exists in deleted state. You need to either recover or purge existing key "
        "vault. Follow this link https://go.microsoft.com/fwlink/?linkid=2149745 for more information on soft delete.",
    )


def deleted_not_found(name: str) -> AzureError:
    """404: no soft-deleted vault of this name."""
    return AzureError(
        404,
        "DeletedVaultNotFound",
        f"The specified deleted vault '{name}' does not exist. Follow this link for more information: "
        "https://go.microsoft.com/fwlink/?linkid=2147741",
    )


def other_location(name: str, location: str, group: str, wanted: str) -> AzureError:
    """409: a vault cannot move."""
    return AzureError(
        409,
        "InvalidResourceLocation",
        f"The resource '{name}' already exists in location '{location}' in resource group '{group}'. A resource with "
        f"the same name cannot be created in location '{wanted}'. Please select a new resource name.",
    )


def cannot_be_false(name: str, why: str) -> AzureError:
    """400: a protection that cannot be switched off."""
    return bad_request(f'The property "{name}" cannot be set to false. {why}')


def set_once(name: str) -> AzureError:
    """400: a property that is written when the vault is created, and never again."""
    return bad_request(f'The property "{name}" has been set already and it can\'t be modified.')


def purge_not_allowed() -> AzureError:
    """405: the deleted vault has purge protection."""
    return AzureError(405, "MethodNotAllowed", "Operation 'DeletedVaultPurge' is not allowed.")
