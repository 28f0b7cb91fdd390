"""Calls to addresses that a person typed: only to where such calls may go, and never further.

The name is resolved once and the connection goes to that very address, so a name that points
elsewhere a moment later gains nothing (OWASP ASVS V12.6, SSRF). Redirects are not followed.
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, urlsplit

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address

PATIENCE_SECONDS: Final = 10.0
"""For a whole call, however slowly the other side speaks."""
LONGEST_URL: Final = 500
_TUNNELS: Final = (
    ipaddress.ip_network("::/96"),  # RFC 4291
    ipaddress.ip_network("::ffff:0:0:0/96"),  # RFC 7915
    ipaddress.ip_network("64:ff9b::/96"),  # RFC 6052
    ipaddress.ip_network("64:ff9b:1::/48"),  # RFC 8215
    ipaddress.ip_network("2002::/16"),  # RFC 3056
    ipaddress.ip_network("2001::/32"),  # RFC 4380
)
"""IPv6 addresses that lead to an IPv4 address: that one could be anybody's."""


class AddressRefused(ValueError):
    """Nothing is sent there. The text says why, in a word: url, scheme, host, network."""


@dataclass(frozen=True)
class Outward:
    """``within``: networks of one's own that may be called too, also without TLS."""

    within: Sequence[Network] = ()

    def check(self, url: str) -> SplitResult:
        """The parts of an address that may be called. Raises: AddressRefused."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise AddressRefused("url") from None
        if (
            len(url) > LONGEST_URL
            or not url.isascii()
            or any(sign <= " " for sign in url)
            or "\\" in url
        ):
            raise AddressRefused("url")
        if parts.scheme not in ("https", "http") or (parts.scheme == "http" and not self.within):
            raise AddressRefused("scheme")
        if not parts.hostname or "@" in parts.netloc or port == 0 or parts.fragment:
            raise AddressRefused("url")
        return parts

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """The status of the answer. Raises: AddressRefused, OSError, http.client.HTTPException."""
        parts = self.check(url)
        host, secure = str(parts.hostname), parts.scheme == "https"
        port = parts.port or (443 if secure else 80)
        address, own = self._resolve(host, port)
        if not secure and not own:
            raise AddressRefused("scheme")
        connection = _Pinned(host, port, address, secure=secure)
        deadline = threading.Timer(PATIENCE_SECONDS, connection.cut)
        deadline.start()
        try:
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request("POST", path, body, dict(headers))
            return connection.getresponse().status
        finally:
            deadline.cancel()
            connection.close()

    def _resolve(self, host: str, port: int) -> tuple[str, bool]:
        """(address, whether it is in a network of our own). Raises: AddressRefused."""
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise AddressRefused("host") from None
        addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
        own = [self._own(address) for address in addresses]
        if not addresses or not all(
            ours or _public(address) for ours, address in zip(own, addresses, strict=True)
        ):
            raise AddressRefused("network")
        return str(addresses[0]), own[0]

    def _own(self, address: _Address) -> bool:
        return any(
            address.version == network.version and address in network for network in self.within
        )


PUBLIC: Final = Outward()


def _public(address: _Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return _public(address.ipv4_mapped)
        if any(address in tunnel for tunnel in _TUNNELS):
            return False
        if address.is_site_local:
            return False
    return address.is_global and not address.is_multicast


class _Pinned(http.client.HTTPConnection):
    """A connection to an address that was looked at; ``host`` names it to the other side."""

    def __init__(self, host: str, port: int, address: str, *, secure: bool) -> None:
        super().__init__(host, port, timeout=PATIENCE_SECONDS)
        self._address = address
        self._secure = secure

    def connect(self) -> None:
        self.sock = socket.create_connection((self._address, self.port), self.timeout)
        if self._secure:
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(self.sock, server_hostname=self.host)

    def cut(self) -> None:
        """End the call, whatever it waits for."""
        with contextlib.suppress(OSError, AttributeError):
            self.sock.shutdown(socket.SHUT_RDWR)
