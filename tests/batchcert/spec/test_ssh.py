"""Who may reach SSH: networks and ports that Batch accepts."""

import pytest
from pydantic import ValidationError

from batchcert.spec import SshAccess
from batchcert.spec.ssh import RESERVED_PORTS


def faults(**fields: object) -> str:
    """What the model says of *fields*."""
    with pytest.raises(ValidationError) as error:
        SshAccess.model_validate({"allowed_networks": ["203.0.113.0/24"]} | fields)
    return str(error.value)


def test_the_default_ports_are_none_that_batch_reserves():
    """A form filled in with networks alone gives a NAT pool that Batch takes."""
    ports = SshAccess(allowed_networks=["203.0.113.0/24"]).ports
    assert len(ports) >= 40
    assert not set(ports) & set(RESERVED_PORTS)


@pytest.mark.parametrize("network", ["203.0.113.0/24", "203.0.113.7/32", "2001:db8::/32", "2001:DB8::/32"])
def test_networks_are_taken_in_either_protocol(network):
    """A network, or one address as a network of one."""
    assert SshAccess(allowed_networks=[network]).allowed_networks == [network]


@pytest.mark.parametrize(
    ("network", "said"),
    [
        ("0.0.0.0/0", "is everyone"),
        ("::/0", "is everyone"),
        ("203.0.113.7/24", "203.0.113.0/24 is"),
        ("203.0.113.0/33", "203.0.113.0/33"),
        ("203.0.113.0", "pattern"),
        ("Internet", "pattern"),
        ("*", "pattern"),
    ],
)
def test_what_names_everyone_or_no_network_is_refused(network, said):
    """There is no way to open SSH to the world by a parameter."""
    assert said in faults(allowed_networks=[network])


@pytest.mark.parametrize(("count", "taken"), [(0, False), (1, True), (24, True), (25, False)])
def test_networks_leave_room_for_the_closing_rule(count, taken):
    """Batch takes 25 rules a pool, and the last of ours denies all others."""
    networks = [f"203.0.113.{host}/32" for host in range(count)]
    if taken:
        assert len(SshAccess(allowed_networks=networks).allowed_networks) == count
    else:
        assert "allowed_networks" in faults(allowed_networks=networks)


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        (40000, 40038, "is 39 ports; at least 40"),
        (40001, 40000, "is 0 ports; at least 40"),
        (49990, 50040, "50000 to 55000, which Batch reserves"),
        (54990, 55100, "50000 to 55000, which Batch reserves"),
        (45000, 60000, "50000 to 55000, which Batch reserves"),
        (0, 100, "greater than or equal to 1"),
        (65000, 65535, "less than or equal to 65534"),
    ],
)
def test_port_ranges_that_batch_refuses_are_refused_first(first, last, said):
    """Too few, reserved or impossible ports."""
    assert said in faults(first_port=first, last_port=last)


@pytest.mark.parametrize(("first", "last"), [(1, 40), (40000, 40039), (49960, 49999), (55001, 65534)])
def test_the_edges_of_what_batch_accepts_are_accepted(first, last):
    """Right up to the reserved range, and right behind it."""
    assert len(SshAccess(allowed_networks=["203.0.113.0/24"], first_port=first, last_port=last).ports) >= 40


def test_both_faults_of_a_range_are_told_at_once():
    """A short range inside the reserved one says both."""
    said = faults(first_port=50000, last_port=50010)
    assert "at least 40" in said
    assert "reserves" in said
