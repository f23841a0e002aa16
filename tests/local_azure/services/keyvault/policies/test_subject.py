from __future__ import annotations

import pytest

from local_azure.services.keyvault.policies.subject import parse_subject, subject_text


@pytest.mark.parametrize(
    ("text", "encoded"),
    [
        ("CN=www.example.com", "CN=www.example.com"),
        ("cn = www.example.com ", "CN=www.example.com"),
        ("C=US, ST=WA, O=Contoso, CN=a", "CN=a,O=Contoso,ST=WA,C=US"),
        ("CN=a;O=b", "O=b,CN=a"),
        ('O="Contoso, Ltd.", CN=a', "CN=a,O=Contoso\\, Ltd."),
        ('CN="say ""hi"""', 'CN=say \\"hi\\"'),
        ("CN=a\\, b", "CN=a\\, b"),
        ("CN=a+OU=b", "CN=a+OU=b"),
        ("OID.2.5.4.3=a", "CN=a"),
        ("", ""),
    ],
)
def test_a_name_is_encoded_from_its_last_component_on(text, encoded):
    """As Windows does it: the last component of the text comes first in the certificate."""
    name = parse_subject(text)
    assert ",".join(rdn.rfc4514_string() for rdn in name.rdns) == encoded


@pytest.mark.parametrize(
    "text",
    ["www.example.com", "CN", "=a", "CN=", "XX=a", "CN=a,", "CN=a,,O=b", "O=Contoso, Ltd., CN=a", 'CN="a', "C=USA"],
)
def test_what_is_no_name_is_refused(text):
    """Keys have to be known, values there, and commas in values quoted."""
    with pytest.raises(ValueError, match=r"."):
        parse_subject(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("C=AU, ST=Some-State, O=Internet Widgits Pty Ltd", "C=AU, S=Some-State, O=Internet Widgits Pty Ltd"),
        ('O="Contoso, Ltd.", CN=a', 'O="Contoso, Ltd.", CN=a'),
        ("CN=a+OU=b", "CN=a+OU=b"),
    ],
)
def test_a_name_is_written_as_windows_writes_it(text, shown):
    """The state's key becomes S; what has commas is quoted; reading it again gives the same name."""
    assert subject_text(parse_subject(text)) == shown
    assert parse_subject(shown) == parse_subject(text)
