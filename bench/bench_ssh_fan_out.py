"""How long visits to many nodes take: our fan-out beside plain paramiko, in one run.

    python bench/bench_ssh_fan_out.py [--nodes 300] [--rounds 3] [--in-flight 16]

The nodes are light SSH servers on loopback, in a process of their own. The contenders take turns, so that what else
the machine does hits them alike; medians are shown. Only the ratio means something on another machine.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import paramiko

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from batchcert.spec.visit import VisitSpec
from tasks.ssh.connection import COMMAND
from tasks.ssh.fan_out import visit_all
from tasks.ssh.keys import EphemeralKey
from tasks.ssh.values import Host

SCRIPT = "# about as long as the real one\n" * 200
ANSWER = b"x" * 3000
PLAIN = "SSHClient, 16 threads"


async def serve(count: int, public_line: str) -> None:
    """Answer on *count* ports until standard input ends; the first line printed tells ports and host key."""
    import asyncssh  # noqa: PLC0415 - the clients' process does without it

    async def answer(process: asyncssh.SSHServerProcess[bytes]) -> None:
        await process.stdin.read()
        process.stdout.write(ANSWER)
        process.exit(0)

    host_key = asyncssh.generate_private_key("ssh-ed25519")
    options = asyncssh.SSHServerConnectionOptions(
        server_host_keys=[host_key],
        authorized_client_keys=asyncssh.import_authorized_keys(public_line),
        process_factory=answer,
        encoding=None,
    )
    nodes = [await asyncssh.listen("127.0.0.1", 0, options=options, backlog=256) for _ in range(count)]
    ports = [node.get_port() for node in nodes]
    print(json.dumps({"ports": ports, "key": host_key.export_public_key().decode().strip()}), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


@contextmanager
def running_nodes(count: int, key: EphemeralKey) -> Iterator[list[Host]]:
    """So many nodes, in a process of their own."""
    command = [sys.executable, __file__, "--serve", key.public_line, "--nodes", str(count)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdin
        told = json.loads(process.stdout.readline())
        yield [
            Host(f"node-{number}", "127.0.0.1", port, "visitor", (told["key"],))
            for number, port in enumerate(told["ports"])
        ]
        process.stdin.close()


def plain_visits(hosts: Sequence[Host], key: EphemeralKey) -> list[bytes]:
    """What one writes first: an SSHClient a node, in sixteen threads."""

    def one(host: Host) -> bytes:
        with paramiko.SSHClient() as client:
            kind, blob = host.host_keys[0].split()[:2]
            known = paramiko.PKey.from_type_string(kind, base64.b64decode(blob))
            client.get_host_keys().add(f"[{host.address}]:{host.port}", kind, known)
            client.connect(host.address, host.port, host.user, pkey=key.signer, look_for_keys=False, allow_agent=False)
            stdin, stdout, _ = client.exec_command(COMMAND)
            stdin.write(SCRIPT)
            stdin.channel.shutdown_write()
            return stdout.read()

    with ThreadPoolExecutor(16) as pool:
        return list(pool.map(one, hosts))


def our_visits(limits: VisitSpec, **options: object) -> Callable[[Sequence[Host], EphemeralKey], list[bytes]]:
    """The product's fan-out."""

    def visits(hosts: Sequence[Host], key: EphemeralKey) -> list[bytes]:
        answers = visit_all(hosts, key, SCRIPT, limits, **options)  # type: ignore[arg-type]
        return [answer.output for answer in answers]

    return visits


def measured(
    visits: Callable[[Sequence[Host], EphemeralKey], list[bytes]], hosts: Sequence[Host], key: EphemeralKey
) -> tuple[float, float]:
    """Seconds on the wall, and milliseconds of processor a node, child processes included."""
    before, began = os.times(), time.perf_counter()
    answers = visits(hosts, key)
    wall, after = time.perf_counter() - began, os.times()
    assert answers == [ANSWER] * len(hosts)
    return wall, 1000 * (sum(after[:4]) - sum(before[:4])) / len(hosts)


def compare(count: int, rounds: int, in_flight: int) -> None:
    """Print a table of the contenders' medians, and how each compares with plain paramiko."""
    limits = VisitSpec(in_flight=in_flight)
    contenders = {
        PLAIN: plain_visits,
        "visit_all, threads anywhere": our_visits(limits, keep_to_cores=False, processes=1),
        "visit_all, one process": our_visits(limits, processes=1),
        "visit_all, two processes": our_visits(limits, processes=2),
    }
    key = EphemeralKey.generate()
    results: dict[str, list[tuple[float, float]]] = {name: [] for name in contenders}
    with running_nodes(count, key) as hosts:
        plain_visits(hosts[:16], key)  # imports and first connections are nobody's
        for _ in range(rounds):
            for name, visits in contenders.items():
                results[name].append(measured(visits, hosts, key))
    medians = {
        name: [statistics.median(column) for column in zip(*runs, strict=True)] for name, runs in results.items()
    }
    print(f"{count} nodes, {in_flight} in flight, median of {rounds} rounds")
    for name, (wall, cpu) in medians.items():
        print(f"  {name:28} {wall:6.2f} s  {cpu:5.1f} ms of CPU a node  {medians[PLAIN][0] / wall:4.2f} x plain")


def main() -> None:
    """Serve nodes, or compare the clients."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nodes", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--in-flight", type=int, default=16)
    parser.add_argument("--serve", metavar="PUBLIC_KEY", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        asyncio.run(serve(given.nodes, given.serve))
    else:
        compare(given.nodes, given.rounds, given.in_flight)


if __name__ == "__main__":
    main()
