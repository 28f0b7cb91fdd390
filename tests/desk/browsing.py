"""The desk served for a real browser, and Debian's chromium to look at it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from people import PASSWORD
from playwright.sync_api import Page, expect, sync_playwright

from desk.serving import Server

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


@contextmanager
def served(app: Any) -> Iterator[str]:
    """The address of the application on a free port of this machine."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = Server(app, uvicorn.Config(app, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


@contextmanager
def browser(address: str, **options: Any) -> Iterator[Page]:
    """One window; the address is its base."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        context = chromium.new_context(base_url=address, **options)
        page = context.new_page()
        page.set_default_timeout(30_000)
        expect.set_options(timeout=30_000)
        try:
            yield page
        finally:
            chromium.close()


def log_in(page: Page, login: str) -> None:
    page.goto("/login")
    page.get_by_label("Login").or_(page.get_by_label("登录名")).fill(login)
    page.get_by_label("Password").or_(page.get_by_label("密码")).fill(PASSWORD)
    page.locator("main button.primary").click()
