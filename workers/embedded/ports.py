"""Ports on the loopback: the one wished for when it is free, else any."""

from __future__ import annotations

import socket

LOOPBACK = "127.0.0.1"


def free_port(wished: int = 0, host: str = LOOPBACK) -> int:
    """``wished`` when nobody listens there, else one that the system picks."""
    for port in (wished, 0):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            # As servers do: a port whose last connections are still closing counts as free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError(f"no free port on {host}")


def answers(host: str, port: int) -> bool:
    """Whether somebody accepts connections there."""
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True
