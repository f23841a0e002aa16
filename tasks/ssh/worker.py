"""A second process for visits: `python -m tasks.ssh.worker FD`, started and spoken to by `tasks.ssh.processes`.

A program of its own, not one of multiprocessing's children: those import the parent's main module first, and a
flow run's is Prefect. It reads a `Setup` and then orders from the socket FD; it ends when that does.
"""

from __future__ import annotations

import signal
import sys
import threading
from multiprocessing.connection import Connection

from tasks.ssh.brake import Brake
from tasks.ssh.cores import thread_pool
from tasks.ssh.keys import EphemeralKey
from tasks.ssh.orders import READY, Order, Setup
from tasks.ssh.visit import visit


def serve(connection: Connection) -> None:
    """Say that it is ready, carry out orders until the other end hangs up, then stop what is in flight."""
    setup: Setup = connection.recv()
    key = EphemeralKey(setup.seed)
    brake = Brake()
    one_at_a_time = threading.Lock()

    def carry_out(order: Order) -> None:
        answer = visit(order.host, key, setup.script, setup.limits, brake)
        with one_at_a_time:
            connection.send((order.number, answer))

    connection.send(READY)
    with thread_pool(setup.limits.in_flight, setup.core) as pool:
        while order := _next_order(connection):
            pool.submit(carry_out, order)
        brake.pull()
        pool.shutdown(wait=False, cancel_futures=True)


def _next_order(connection: Connection) -> Order | None:
    try:
        order: Order | None = connection.recv()
    except (EOFError, OSError):
        return None
    return order


def main() -> None:
    """Serve the socket whose number is the only argument."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent too, which hangs up
    with Connection(int(sys.argv[1])) as connection:
        serve(connection)


if __name__ == "__main__":
    main()
