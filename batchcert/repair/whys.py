"""Why a stale node is left as it is."""

from __future__ import annotations

from batchcert.visit.faults import Explained

_BY_HAND = "read /var/log/azure/Microsoft.Azure.KeyVault.KeyVaultForLinux on the node"


class Why(Explained):
    """Each with its cause and its cure. The first four keep a run from touching any (further) node."""

    MAJORITY_STALE = (
        "repair-majority-stale",
        "so many nodes do not break alike by themselves: they cannot read Key Vault, or the identity may not any more",
        "see that the identity is on the pool and may read the vault's secrets, and that its firewall lets nodes in",
    )
    WENT_WRONG = (
        "repair-went-wrong",
        "an extension that cannot do its work keeps a node from coming up, or Batch does not take the step",
        "see what the report says of the node; mend it, or remove it from the pool, and validate again",
    )
    NO_NODE_FAULT = (
        "repair-not-the-node",
        "a node with a new disk holds nothing old: what it lacks, it does not get from Key Vault",
        f"see that the identity may read the vault's secrets and that the pool pins no version; {_BY_HAND}",
    )
    NOT_UP = (
        "repair-not-up",
        "its tasks have not ended yet, its start task or extension keeps it from coming up, or somebody removed it",
        "see its state and errors in the portal: Batch goes on by itself; a node that stays broken is to be removed",
    )

    NO_EFFECT = (
        "repair-without-effect",
        "what is wrong outlives a reboot: it lies on the node's disk, or is none of the node's",
        f"allow repair.stale_nodes to reimage, or {_BY_HAND}",
    )
    TRIED_LATELY = (
        "repair-tried-lately",
        "a new start did not help it a short while ago, so another one so soon would be no repair but a loop",
        f"{_BY_HAND}; reimage the node by hand, or let a run do it a day after its last boot",
    )
    NODE_AWAY = (
        "repair-node-away",
        "it is starting, leaving or switched off since it was visited: somebody else is at work on it",
        "validate again once it is idle or running",
    )
    NODE_BUSY = (
        "repair-node-busy",
        "nobody's work is ended for a certificate, and repair.busy_nodes is leave",
        "validate again when its tasks have ended, or set repair.busy_nodes to drain",
    )
    TOO_MANY_DOWN = (
        "repair-too-many-down",
        "other nodes are not idle or running, and repair.most_down allows no more",
        "mend or remove the nodes that are down, or raise repair.most_down",
    )
    ENOUGH = (
        "repair-enough",
        "repair.most_nodes limits how many nodes one run gives a new start",
        "validate again, or raise repair.most_nodes",
    )
