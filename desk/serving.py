"""The web server of the desk: when it is told to end, pages that listen hold nothing up."""

from __future__ import annotations

import socket

import uvicorn
from fastapi import FastAPI

from desk.newsroom import Newsroom


class Server(uvicorn.Server):
    """One process of the desk."""

    def __init__(self, app: FastAPI, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._newsroom: Newsroom = app.state.newsroom

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._newsroom.close()
        await super().shutdown(sockets)
