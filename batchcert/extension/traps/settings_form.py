"""Traps in the form of the extension's settings, and in its version."""

from __future__ import annotations

from collections.abc import Iterator

from batchcert.extension.pool_body import PoolBody, shown
from batchcert.extension.traps.trap import Severity, Sighting, rule

SHORTEST_POLLING, LONGEST_POLLING = 60, 86400  # seconds; the bounds of the pool's parameter

_EXTENSION_DOCUMENT = "Key Vault virtual machine extension for Linux"


@rule(
    "settings-not-an-object",
    Severity.BREAKS,
    cause="the extension stops with \"Failed to parse the configuration settings with: 'not an object'\"",
    cure="give settings as an object, not as JSON text in quotes",
    answer="generates the settings as an object, and reads both from an existing pool",
    source=_EXTENSION_DOCUMENT + ", warning on PowerShell deployment",
)
def _settings_not_an_object(pool: PoolBody) -> Iterator[Sighting]:
    for extension in pool.key_vault:
        given = extension.field["settings"]
        if not isinstance(given.value, dict):
            kind = "JSON text" if given.text else shown(given.value) if given.present else "not given"
            yield Sighting(given.path, f"settings is {kind}, not an object")


@rule(
    "polling-interval-not-a-string",
    Severity.WEAKENS,
    cause="the extension's schema has pollingIntervalInS as a string",
    cure='put the seconds in quotes: "300"',
    answer="writes the interval as a string",
    source=_EXTENSION_DOCUMENT + ", property values",
)
def _polling_interval_not_a_string(pool: PoolBody) -> Iterator[Sighting]:
    for extension in pool.key_vault:
        interval = extension.secrets["pollingIntervalInS"]
        if interval.present and not isinstance(interval.value, str):
            yield Sighting(interval.path, f"{shown(interval.value)} instead of {shown(str(interval.value))}")


@rule(
    "polling-interval-out-of-range",
    Severity.WEAKENS,
    cause="the interval bounds how long a node lags behind a renewal, and how often every node asks Key Vault",
    cure=f'give whole seconds from {SHORTEST_POLLING} to {LONGEST_POLLING}, "300" say',
    answer=f"takes {SHORTEST_POLLING} to {LONGEST_POLLING}, and lets a node lag behind Key Vault for that long",
    source=_EXTENSION_DOCUMENT + ", property values; the bounds are batchcert's",
)
def _polling_interval_out_of_range(pool: PoolBody) -> Iterator[Sighting]:
    for extension in pool.key_vault:
        interval = extension.secrets["pollingIntervalInS"]
        if not extension.secrets.present or interval.open:
            continue
        text = str(interval.value).strip()
        seconds = int(text) if text.isascii() and text.isdigit() and len(text) < 8 else -1
        if not SHORTEST_POLLING <= seconds <= LONGEST_POLLING:
            yield Sighting(interval.path, shown(interval.value) if interval.present else "not given")


@rule(
    "no-initial-sync",
    Severity.WEAKENS,
    cause="the extension then reports success as soon as it polls, before any certificate is on the node",
    cure='use version 3.0 with "requireInitialSync": true',
    answer="requires the initial sync by default, and compares the leaf on the node all the same",
    source=_EXTENSION_DOCUMENT + ", extension dependency ordering",
)
def _no_initial_sync(pool: PoolBody) -> Iterator[Sighting]:
    for extension in pool.key_vault:
        given = extension.secrets["requireInitialSync"]
        if extension.major == "1":
            yield Sighting(
                given.path, "version 1.0 does not know requireInitialSync" + (", given here" * given.present)
            )
        elif extension.secrets.present and given.value is not True:
            yield Sighting(given.path, f"requireInitialSync is {shown(given.value) if given.present else 'not given'}")


@rule(
    "old-extension-version",
    Severity.WEAKENS,
    cause="there is no upgrade in place to 3.0, so a pool that starts with an older version keeps it",
    cure='set typeHandlerVersion to "3.0"',
    answer="uses 3.0 unless another version is asked for, and validates all three",
    source=_EXTENSION_DOCUMENT + ", upgrading",
)
def _old_extension_version(pool: PoolBody) -> Iterator[Sighting]:
    lacks = {
        "1": "the PEM file has no chain, one folder serves all certificates, and the first download is not waited for",
        "2": "one folder serves all certificates, and a first download that fails is retried for ever",
    }
    for extension in pool.key_vault:
        version = extension.field["typeHandlerVersion"]
        if extension.major in lacks:
            yield Sighting(version.path, f"version {version.text}: {lacks[extension.major]}")
        elif not extension.major and not version.open:
            yield Sighting(version.path, "no version is given")


@rule(
    "minor-upgrade-at-deployment-only",
    Severity.NOTES,
    cause="autoUpgradeMinorVersion picks the newest minor version when a node is made, and never again",
    cure="add enableAutomaticUpgrade to have the platform upgrade later, or recreate nodes now and then",
    answer="reads the version that is on each node, several side by side included",
    source="Batch management REST 2025-06-01, VMExtension",
)
def _minor_upgrade_at_deployment_only(pool: PoolBody) -> Iterator[Sighting]:
    for extension in pool.key_vault:
        minor = extension.field["autoUpgradeMinorVersion"]
        if minor.value is True and extension.field["enableAutomaticUpgrade"].value is not True:
            yield Sighting(minor.path, "true, without enableAutomaticUpgrade beside it")


RULES = (
    _settings_not_an_object,
    _no_initial_sync,
    _old_extension_version,
    _polling_interval_not_a_string,
    _polling_interval_out_of_range,
    _minor_upgrade_at_deployment_only,
)
