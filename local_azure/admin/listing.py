"""What the admin port lists, as people read it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def request_line(entry: Mapping[str, Any]) -> str:
    """One request, given as the admin port's `GET /requests` gives it, in one line."""
    version = f"?api-version={entry['api_version']}" if entry["api_version"] else ""
    who = entry["machine"] or entry["caller"] or "-"
    fault = f"  struck by {entry['fault']}" if entry["fault"] else ""
    what = f"{entry['method']:<6} {entry['host']}{entry['path']}{version}"
    return f"{entry['time']} {entry['status'] or '---'} {what}  by {who}{fault}"


def mail_line(mail: Mapping[str, Any]) -> str:
    """One mail, given as the admin port's `GET /mails` gives it, in one line."""
    about = f"{mail['event']:<13} {mail['vault']}/{mail['certificate']}"
    return f"{mail['time']} {about} to {', '.join(mail['to'])}: {mail['text']}"
