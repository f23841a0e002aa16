"""Model classes that several threads may use at once."""

from __future__ import annotations

import subprocess
import sys

import pytest

SHOWS = """
import sys
from collections.abc import MutableMapping
from tasks.azure_api.clients import Azure
from tasks.azure_api.models import make_ready
from batchcert.clouds import CLOUDS, CloudName

def open_ones():
    modules = [module for name, module in sys.modules.items() if name.startswith({package!r}) and ".models" in name]
    found = {{c for m in modules for c in vars(m).values() if isinstance(c, type) and issubclass(c, MutableMapping)}}
    models = {{c for c in found if ".models" in c.__module__}}
    assert len(models) > 20
    return {{c.__name__ for c in models if "_attr_to_rest_field" not in vars(c)}}

before = open_ones()
azure = Azure(CLOUDS[CloudName.PUBLIC])
{client}
print(len(before) > 20, open_ones())
"""


@pytest.mark.parametrize(
    ("package", "client"),
    [
        ("azure.batch", 'azure.nodes("https://account.westus2.batch.azure.com", threads=3)'),
        ("azure.keyvault.certificates", 'azure.certificates("https://vault.vault.azure.net")'),
    ],
)
def test_a_client_s_models_have_worked_out_their_fields(package: str, client: str) -> None:
    """In the thread that makes the client; otherwise each would when it is first used, by whichever threads."""
    done = subprocess.run(
        [sys.executable, "-c", SHOWS.format(package=package, client=client)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout == "True set()\n"
