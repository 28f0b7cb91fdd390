"""The way to Temporal: pydantic payloads, encrypted where a key is given."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from temporalio.api.common.v1 import Payload
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import (
    DataConverter,
    DefaultFailureConverterWithEncodedAttributes,
    PayloadCodec,
)

from workflows.knock import knock

ENCODING: Final = b"binary/evercase-aes-gcm"
NONCE_BYTES: Final = 12


class PayloadUnreadable(Exception):
    """A payload was encrypted with another key, or changed on its way."""


class EncryptedPayloads(PayloadCodec):
    """AES-256-GCM over each whole payload; those stored before it was switched on still read."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [self._encode(payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [self._decode(payload) for payload in payloads]

    def _encode(self, payload: Payload) -> Payload:
        nonce = os.urandom(NONCE_BYTES)
        data = nonce + self._cipher.encrypt(nonce, payload.SerializeToString(), ENCODING)
        return Payload(metadata={"encoding": ENCODING}, data=data)

    def _decode(self, payload: Payload) -> Payload:
        if payload.metadata.get("encoding") != ENCODING:
            return payload
        nonce, data = payload.data[:NONCE_BYTES], payload.data[NONCE_BYTES:]
        try:
            return Payload.FromString(self._cipher.decrypt(nonce, data, ENCODING))
        except InvalidTag:
            raise PayloadUnreadable() from None


def converter(key: bytes | None = None) -> DataConverter:
    """How payloads are written; with a ``key`` of 32 bytes they and failures are encrypted."""
    if key is None:
        return pydantic_data_converter
    return replace(
        pydantic_data_converter,
        payload_codec=EncryptedPayloads(key),
        failure_converter_class=DefaultFailureConverterWithEncodedAttributes,
    )


async def connect(address: str, namespace: str = "default", key: bytes | None = None) -> Client:
    """Raises RuntimeError where no server answers at ``address``."""
    await knock(address)
    return await Client.connect(address, namespace=namespace, data_converter=converter(key))
