"""The browser's driver keeps an event loop running in this thread to the end, so its tests come last."""

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: "e2e" in item.path.parts)
