"""Where a server can listen, and under which address others reach it."""

import errno
import socket
from ipaddress import ip_address

from feedback.cli.errand import Trouble

# TEST-NET-1 (RFC 5737): a datagram socket "connected" there sends nothing, but learns which of our addresses it has.
ELSEWHERE = ("192.0.2.1", 9)


def free(host: str, port: int) -> str:
    """The numeric address of `host`, where `port` is free to listen on. Raises Trouble."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as a server does; a listener still refuses
            probe.bind(address)
    except OSError as error:
        raise Trouble(_why(error, host, port)) from error
    return str(address[0])


def base_url(host: str, port: int) -> str:
    """The address to print: as `host` says, or this machine's in its network where that means all of them."""
    numeric = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][4][0]
    shown = in_network() if ip_address(numeric).is_unspecified else host
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"


def in_network() -> str:
    """This machine's address in its network, or loopback where it has none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(ELSEWHERE)
            return str(probe.getsockname()[0])
        except OSError:
            return "127.0.0.1"


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches `host`."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _why(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} is in use; choose another one: make run PORT={port + 1 if port < 65535 else 8001}"
    if error.errno == errno.EACCES:
        return f"port {port} needs more rights than you have; choose one above 1023: make run PORT=8000"
    return f"cannot listen on {host}: {error.strerror}; HOST is an address of this machine, 127.0.0.1 or 0.0.0.0"
