"""What Key Vault would have written to the contacts of vaults, over HTTP."""

from __future__ import annotations

from typing import Any

from local_azure.admin.plane import Admin, table
from local_azure.services.keyvault.state.issuers import Mail
from local_azure.wire.messages import Reply, Request

routes = table("admin-mails")


@routes.get("/mails", name="Mails_List")
def list_all(admin: Admin, request: Request) -> Reply:
    """Every mail, oldest first; none was sent."""
    del request
    return Reply(200, {"value": [_json(mail) for mail in admin.levers.keyvault.mailbox.all()]})


def _json(mail: Mail) -> dict[str, Any]:
    return {
        "time": mail.sent.isoformat(timespec="seconds"),
        "to": mail.to,
        "vault": mail.vault,
        "certificate": mail.certificate,
        "event": mail.event,
        "text": mail.text,
    }
