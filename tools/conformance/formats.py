"""The formats of Swagger's and AutoRest's strings and numbers.

Sources: OpenAPI 2.0, "Data Types"; "Swagger specification: formats" of Azure/autorest, docs/extensions and
modeler's known formats; RFC 3339, RFC 4122, RFC 4648, RFC 9110 (IMF-fixdate).
"""

from __future__ import annotations

import base64
import binascii
import re
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from jsonschema import FormatChecker

FORMATS = FormatChecker(formats=())

_DURATION = re.compile(r"-?P(?=.)(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?")
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_BASE64URL = re.compile(r"[A-Za-z0-9_-]*")
_HTTP_DATE = "%a, %d %b %Y %H:%M:%S GMT"


def _checks_text(name: str) -> Callable[[Callable[[str], object]], Callable[[str], object]]:
    """Declare the decorated function as the check of format *name*; it raises ValueError for what does not hold."""

    def declare(check: Callable[[str], object]) -> Callable[[str], object]:
        def holds(value: Any) -> bool:
            if isinstance(value, str):
                check(value)
            return True

        FORMATS.checks(name, raises=ValueError)(holds)
        return check

    return declare


def _match(pattern: re.Pattern[str], text: str) -> None:
    if not pattern.fullmatch(text):
        raise ValueError(text)


@_checks_text("date-time")
def _date_time(text: str) -> None:
    _match(_DATE_TIME, text)
    datetime.fromisoformat(re.sub(r"\.\d+", "", text))  # Azure writes up to seven digits


@_checks_text("date-time-rfc1123")
def _http_date(text: str) -> None:
    datetime.strptime(text, _HTTP_DATE)  # noqa: DTZ007 - checked, not used


@_checks_text("duration")
def _duration(text: str) -> None:
    _match(_DURATION, text)


@_checks_text("uuid")
def _uuid(text: str) -> None:
    if str(uuid.UUID(text)) != text.lower():
        raise ValueError(text)


@_checks_text("byte")
def _byte(text: str) -> None:
    try:
        base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(text) from error


@_checks_text("base64url")
def _base64url(text: str) -> None:
    _match(_BASE64URL, text.rstrip("="))


@_checks_text("arm-id")
def _arm_id(text: str) -> None:
    if not text.startswith("/"):
        raise ValueError(text)


@FORMATS.checks("int32")
def _int32(value: Any) -> bool:
    return not isinstance(value, int) or -(2**31) <= value < 2**31


@FORMATS.checks("int64")
@FORMATS.checks("unixtime")
def _int64(value: Any) -> bool:
    return not isinstance(value, int) or -(2**63) <= value < 2**63
