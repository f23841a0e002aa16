"""Each way in which a visit fails, as a Problem with cause and cure.

`passes` is set for start-up faults alone: a node that is not up yet, or too busy to let anyone in. A refused key
is not among them: a refusal is an answer, and more of them can lock the account or ban this machine's address. Nor
is what happened once the script had begun.
"""

from __future__ import annotations

from collections.abc import Sequence

from batchcert.problems import Problem
from tasks.ssh.values import Host

SHOWN = 200  # characters of a node's own words in a message


def connect_failed(host: Host, reason: str) -> Problem:
    """Nothing answers at the address."""
    return Problem(
        "ssh-connect-failed",
        what=f"{host.label}: no connection: {reason}",
        cause="its SSH server is not up yet, or a network rule keeps this machine out",
        cure="check that the pool's allowed networks hold this machine's public address, and the node's state",
        passes=True,
    )


def banner_timeout(host: Host, seconds: float, *, banner_seen: bool) -> Problem:
    """The connection stands, SSH does not begin."""
    missing = "did not finish the key exchange" if banner_seen else "sent no SSH banner"
    return Problem(
        "ssh-banner-timeout",
        what=f"{host.label}: took the connection but {missing} in {seconds:g} s",
        cause="the node is overloaded or starting, or something between accepts connections in its place",
        cure="look at the node's load; raise the banner timeout for a slow network",
        passes=True,
    )


def not_ssh(host: Host, greeting: bytes) -> Problem:
    """Something else listens there."""
    return Problem(
        "ssh-not-ssh",
        what=f"{host.label}: does not speak SSH; it sent: {printable(greeting)}",
        cause="another service listens on that port",
        cure="compare the port with the node's remote login settings",
    )


def protocol_error(host: Host, error: BaseException) -> Problem:
    """It speaks SSH, wrongly or with nothing in common."""
    return Problem(
        "ssh-protocol-error",
        what=f"{host.label}: broke off SSH: {type(error).__name__}: {printable(str(error))}",
        cause="the node's SSH server offers no algorithm in common, or what it sends is damaged",
        cure="compare sshd_config's Ciphers, KexAlgorithms and HostKeyAlgorithms with OpenSSH's defaults",
    )


def host_key_unknown(host: Host) -> Problem:
    """There is no key to compare with."""
    return Problem(
        "ssh-host-key-unknown",
        what=f"{host.label}: none of its {len(host.host_keys)} known host keys can be checked, so it is not visited",
        cause="its start task printed none, or only of kinds that are no longer safe",
        cure="give the node's image an ed25519, ECDSA or RSA host key",
    )


def host_key_changed(host: Host, shown: str, pinned: Sequence[str]) -> Problem:
    """Whoever answers is not the node that the start task ran on. The keys are given by their fingerprints."""
    return Problem(
        "ssh-host-key-changed",
        what=f"{host.label}: showed the host key {shown}, not {' or '.join(pinned)}; nobody signed in",
        cause="another machine answers at this address, or the node made new keys after its start task ran",
        cure="if the node was reimaged by you, restart it so that the start task runs again; else find out who answers",
    )


def auth_failed(host: Host, reason: str) -> Problem:
    """The node knows the user's key no more, or never did."""
    return Problem(
        "ssh-auth-failed",
        what=f"{host.label}: refused the key of user {host.user}: {printable(reason)}",
        cause="the node user is gone (removed or expired), or sshd_config allows no public keys",
        cure="run again, which makes a new user; check PubkeyAuthentication, AllowUsers and DenyUsers on the node",
    )


def auth_timeout(host: Host, seconds: float) -> Problem:
    """The node neither lets in nor refuses."""
    return Problem(
        "ssh-auth-timeout",
        what=f"{host.label}: did not decide on the key of user {host.user} in {seconds:g} s",
        cause="the node is overloaded, or its sign-in waits for something (PAM, DNS, a directory)",
        cure="look at the node's load and at UseDNS and UsePAM in its sshd_config",
        passes=True,
    )


def dropped(host: Host, when: str, *, passes: bool) -> Problem:
    """The node ended the connection."""
    return Problem(
        "ssh-dropped",
        what=f"{host.label}: the connection was lost {when}",
        cause="the node went away or restarted, its SSH server turns connections away, or the network broke",
        cure="look at the node's state in Batch, then run again",
        passes=passes,
    )


def command_timeout(host: Host, seconds: float) -> Problem:
    """The script does not end."""
    return Problem(
        "ssh-command-timeout",
        what=f"{host.label}: the script was not done in {seconds:g} s",
        cause="the node is overloaded, or one of its disks does not answer",
        cure="look at the node; raise the command timeout if it is only slow",
    )


def sudo_refused(host: Host, errors: bytes) -> Problem:
    """Signed in, but not as an administrator."""
    return Problem(
        "visit-sudo-refused",
        what=f"{host.label}: user {host.user} may not use sudo without a password: {printable(errors)}",
        cause="the node user is no administrator, or the image's sudoers asks for a password or has no sudo",
        cure="use an image whose sudoers lets the administrators that Batch makes use sudo without a password",
    )


def command_failed(host: Host, how: str, errors: bytes = b"") -> Problem:
    """The script ended badly."""
    words = f": {printable(errors)}" if errors.strip() else ""
    return Problem(
        "visit-command-failed",
        what=f"{host.label}: the script {how}{words}",
        cause="the node's shell or one of its tools failed",
        cure="sign in to the node and run `sudo -n sh -s` by hand",
    )


def answer_too_large(host: Host, most: int) -> Problem:
    """The script prints without end."""
    return Problem(
        "visit-answer-too-large",
        what=f"{host.label}: answered with more than {most} bytes; the rest was not read",
        cause="a file in the stores is huge, or the node does not run the script it was given",
        cure="look at the certificate stores and status files on the node",
    )


def stopped(host: Host) -> Problem:
    """The run was cancelled."""
    return Problem(
        "visit-stopped",
        what=f"{host.label}: not visited to the end: the run was stopped",
        cause="somebody cancelled the run, or its time was over",
        cure="run again",
    )


def unexpected(host: Host, doing: str, error: Exception) -> Problem:
    """An error that nobody foresaw: told, so that the other nodes' visits go on."""
    return Problem(
        "visit-broke",
        what=f"{host.label}: {doing} ended with {type(error).__name__}: {printable(str(error))}",
        cause="an error in batchcert or in a library it uses",
        cure="report it, with this message",
    )


def detached(problem: Problem) -> Problem:
    """The problem without its traceback, which would keep transport, script and key alive as long as itself."""
    problem.__context__ = problem.__cause__ = None
    return problem.with_traceback(None)


def printable(words: bytes | str) -> str:
    """A node's words, fit for a log and a table: one line, no control characters, 200 characters at most."""
    text = words.decode(errors="replace") if isinstance(words, bytes) else words
    line = " ".join("".join(c if c.isprintable() else " " for c in text[: 4 * SHOWN]).split())
    return line if len(line) <= SHOWN else f"{line[: SHOWN - 3]}..."
