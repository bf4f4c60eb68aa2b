"""What the tests stand on: a database, a browser, a mail server; nothing here knows Firsthand."""

import socket


def free_port() -> int:
    """A port on 127.0.0.1 that was free a moment ago; somebody else may still take it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
