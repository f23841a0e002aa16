"""Debian's Chromium, kept on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

EXECUTABLE = Path("/usr/bin/chromium")
WIDTH, HEIGHT = 1280, 800
PATIENCE_MS = 60_000
FLAGS = [
    "--headless",
    "--no-sandbox",  # needed where the tests run as root
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # a route of Playwright's would switch the cache off
]


@contextmanager
def page_in_chromium() -> Iterator[Page]:
    """A page of a new browser, which finds no host but 127.0.0.1."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=EXECUTABLE, args=FLAGS)
        context = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
        context.set_default_timeout(PATIENCE_MS)
        try:
            yield context.new_page()
        finally:
            context.close()
            browser.close()
