"""The fixtures in the hands of somebody else: a pytest of its own, which knows the plugin by its entry point alone."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

SUITE = Path(__file__).with_name("strangers_suite.py").read_text(encoding="utf-8")
SETTINGS = """
import pytest
from local_azure.settings import Settings

@pytest.fixture(scope="session")
def local_azure_settings():
    return Settings(resource_group="our-tests", node_seconds=0)
"""
SECONDS = 100


@pytest.fixture
def stranger(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """Another project's folder, in a shell with a proxy and an Azure of its own."""
    for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTEST_DISABLE_PLUGIN_AUTOLOAD"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("AZURE_FEDERATED_TOKEN_FILE", raising=False)
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("AZURE_CLIENT_SECRET", "theirs")
    return pytester


@pytest.mark.parametrize("arguments", [(), ("-n2",)], ids=["one process", "two processes"])
def test_a_strangers_suite_passes(stranger: pytest.Pytester, arguments: tuple[str, ...]) -> None:
    """Each fixture with real SDKs; with pytest-xdist, each process has an embedded Azure of its own."""
    stranger.makeconftest(SETTINGS)
    stranger.makepyfile(test_theirs=SUITE)
    done = stranger.runpytest_subprocess(*arguments, timeout=SECONDS)
    done.assert_outcomes(passed=11)


def test_a_failed_test_tells_what_was_asked(stranger: pytest.Pytester) -> None:
    """Each request of the test with its answer and the fault that struck; a test without an Azure tells nothing."""
    stranger.makepyfile(
        """
        import os
        from azure.identity import EnvironmentCredential
        from azure.mgmt.msi import ManagedServiceIdentityClient

        def test_that_fails(local_azure):
            local_azure.add_fault("throttled", operation="UserAssignedIdentities_CreateOrUpdate")
            subscription = os.environ["AZURE_SUBSCRIPTION_ID"]
            api = ManagedServiceIdentityClient(EnvironmentCredential(), subscription, retry_total=0)
            group = os.environ["AZURE_RESOURCE_GROUP"]
            api.user_assigned_identities.create_or_update(group, "wanted", {"location": "westus2"})

        def test_that_asks_nothing(fresh_local_azure):
            raise AssertionError

        def test_without_azure():
            raise AssertionError
        """
    )
    done = stranger.runpytest_subprocess(timeout=SECONDS)
    done.assert_outcomes(failed=3)
    done.stdout.fnmatch_lines(
        [
            "*requests to the embedded Azure*",
            "* 429 PUT *management.azure.com/*/wanted?api-version=*struck by f1",
            "*requests to the embedded Azure*",
            "none",
        ]
    )
    assert done.stdout.str().count("requests to the embedded Azure") == 2


def test_what_is_not_installed_is_told(stranger: pytest.Pytester) -> None:
    """In one line, with the command that brings it; no traceback of ours."""
    stranger.makeconftest("import sys; sys.modules['asyncssh'] = None")
    stranger.makepyfile("def test_one(local_azure): pass")
    done = stranger.runpytest_subprocess(timeout=SECONDS)
    done.assert_outcomes(errors=1)
    done.stdout.fnmatch_lines(["the embedded Azure needs asyncssh: pip install 'batchcert?local-azure?'"])
    assert "Traceback" not in done.stdout.str()


def test_it_can_be_left_out(stranger: pytest.Pytester) -> None:
    """`-p no:local_azure` takes the fixtures away, and nothing else."""
    stranger.makepyfile("def test_one(local_azure): pass\ndef test_two(): pass")
    done = stranger.runpytest_subprocess("-p", "no:local_azure", timeout=SECONDS)
    done.assert_outcomes(passed=1, errors=1)
    done.stdout.fnmatch_lines(["*fixture 'local_azure' not found"])


def test_a_run_that_does_not_need_it_does_not_pay() -> None:
    """The plugin itself is all that is imported, beside what pytest has imported anyway."""
    code = (
        "import sys, pytest\n"
        "before = set(sys.modules)\n"
        "import local_azure.pytest_plugin\n"
        "print(*sorted(set(sys.modules) - before))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=SECONDS, check=True)
    assert done.stdout.split() == ["local_azure", "local_azure.pytest_plugin"]


def test_the_fixtures_say_what_they_are(stranger: pytest.Pytester) -> None:
    """In `pytest --fixtures`, each with its scope and a sentence."""
    listed = stranger.runpytest_subprocess("--fixtures", timeout=SECONDS).stdout.str()
    ours = listed.partition("fixtures defined from local_azure.pytest_plugin")[2].partition("fixtures defined from")[0]
    told = re.findall(r"^(\w+)( \[session scope\])? -- .*\n    \S.*\.$", ours, re.MULTILINE)
    assert sorted(told) == [
        ("fresh_local_azure", ""),
        ("local_azure", ""),
        ("local_azure_server", " [session scope]"),
        ("local_azure_settings", " [session scope]"),
    ]
