"""Images, node agents and sizes."""

import pytest

from batchcert.extension.machines import Image, agent_fits, successor


@pytest.mark.parametrize(
    ("publisher", "offer", "sku", "family", "ubuntu"),
    [
        ("canonical", "ubuntuserver", "18.04-lts", "ubuntu", "18.04"),
        ("Canonical", "UbuntuServer", "16_04-lts-gen2", "ubuntu", "16.04"),
        ("canonical", "0001-com-ubuntu-server-focal", "20_04-lts", "ubuntu", "20.04"),
        ("canonical", "0001-com-ubuntu-server-jammy", "22_04-lts-gen2", "ubuntu", "22.04"),
        ("Canonical", "ubuntu-24_04-lts", "server", "ubuntu", "24.04"),
        ("microsoft-dsvm", "ubuntu-hpc", "2204", "ubuntu", "22.04"),
        ("microsoft-azure-batch", "ubuntu-server-container", "20-04-lts", "ubuntu", "20.04"),
        ("canonical", "daily", "server", "ubuntu", ""),
        ("microsoftcblmariner", "azure-linux-3", "azure-linux-3-gen2", "azurelinux", ""),
        ("microsoftcblmariner", "cbl-mariner", "cbl-mariner-2", "azurelinux", ""),
        ("microsoftwindowsserver", "windowsserver", "2022-datacenter", "windows", ""),
        ("debian", "debian-12", "12", "", ""),
        ("almalinux", "almalinux-x86_64", "8-gen2", "", ""),
    ],
)
def test_an_images_name_tells_its_system(publisher, offer, sku, family, ubuntu):
    """Releases are written with a dot, an underscore, a hyphen or nothing, in the SKU or in the offer."""
    image = Image(publisher, offer, sku)
    assert (image.family, image.ubuntu) == (family, ubuntu)


@pytest.mark.parametrize(
    ("offer", "sku", "retired", "never_published", "supported"),
    [
        ("ubuntuserver", "18.04-lts", True, False, False),
        ("ubuntuserver", "20.04-lts", True, True, False),
        ("0001-com-ubuntu-server-focal", "20_04-lts", True, False, False),
        ("UbuntuServer", "22.04-LTS", False, True, True),
        ("0001-com-ubuntu-server-jammy", "22_04-lts", False, False, True),
        ("ubuntu-24_04-lts", "server", False, False, True),
    ],
)
def test_which_ubuntus_are_fit(offer, sku, retired, never_published, supported):
    """The extension takes 22.04 and later; the offer UbuntuServer never had 20.04 or later."""
    image = Image("Canonical", offer, sku)
    assert (image.retired, image.never_published, image.supported) == (retired, never_published, supported)


@pytest.mark.parametrize(
    ("agent", "image", "fits"),
    [
        ("batch.node.ubuntu 24.04", Image("Canonical", "ubuntu-24_04-lts", "server"), True),
        ("BATCH.NODE.UBUNTU 24.04", Image("Canonical", "ubuntu-24_04-lts", "server"), True),
        ("batch.node.ubuntu 22.04", Image("Canonical", "ubuntu-24_04-lts", "server"), False),
        ("batch.node.debian 12", Image("Canonical", "ubuntu-24_04-lts", "server"), False),
        ("batch.node.mariner 2.0", Image("microsoftcblmariner", "cbl-mariner", "cbl-mariner-2"), True),
        ("batch.node.azurelinux 3.0", Image("microsoftcblmariner", "azure-linux-3", "azure-linux-3"), True),
        ("batch.node.ubuntu 24.04", Image("microsoftcblmariner", "azure-linux-3", "azure-linux-3"), False),
        ("batch.node.windows amd64", Image("microsoftwindowsserver", "windowsserver", "2022-datacenter"), True),
        ("batch.node.ubuntu 24.04", Image("canonical", "daily", "server"), True),
        ("batch.node.el 9", Image("almalinux", "almalinux-x86_64", "9-gen2"), True),
        ("something else", Image("Canonical", "ubuntu-24_04-lts", "server"), True),
    ],
)
def test_node_agents_go_with_their_images(agent, image, fits):
    """Where either is not known well enough, nothing is held against the pair."""
    assert agent_fits(agent, image) is fits


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ("STANDARD_DS2_V2", "STANDARD_D2S_V5"),
        ("Standard_DS2_v2", "STANDARD_D2S_V5"),
        ("STANDARD_D1", "STANDARD_D2S_V5"),
        ("STANDARD_D1_V2", "STANDARD_D2S_V5"),
        ("STANDARD_DS3", "STANDARD_D4S_V5"),
        ("STANDARD_D4_V2", "STANDARD_D8S_V5"),
        ("STANDARD_D5_V2_PROMO", "STANDARD_D16S_V5"),
        ("STANDARD_DS11-1_V2", "STANDARD_E2S_V5"),
        ("STANDARD_D15I_V2", "STANDARD_E20S_V5"),
        ("STANDARD_D2_V3", ""),
        ("STANDARD_D2S_V3", ""),
        ("STANDARD_D2S_V5", ""),
        ("STANDARD_D99_V2", ""),
        ("STANDARD_F2", ""),
        ("<size>", ""),
        ("", ""),
    ],
)
def test_sizes_that_are_ending_have_a_successor_of_as_many_cores(size, expected):
    """Only the D, Ds, Dv2 and Dsv2 series are ending."""
    assert successor(size) == expected
