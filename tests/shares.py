"""How a run is shared among workers: what belongs together on one of them, the longest first."""

from typing import Any

import pytest
from _pytest.nodeid import NodeId
from xdist.scheduler import LoadScopeScheduling

LONGEST_FIRST: tuple[str, ...] = ()
"""Groups and modules that take long, so that no worker is left with one at the end."""


def share_of(nodeid: str) -> str:
    """Return what a test is handed out with: its group, else its module."""
    _, at, group = nodeid.rpartition("@")
    if at and "]" not in group:
        return group
    return nodeid.partition("::")[0]


class Shares(LoadScopeScheduling):  # type: ignore[misc] # xdist ships no types
    """Hands out whole modules, which have their worlds in common, and whole groups."""

    def _split_scope(self, nodeid: str) -> str:
        return share_of(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Shares | None:
    """Share by groups and modules where groups are asked for."""
    if config.getvalue("dist") != "loadgroup":
        return None
    config.option.loadscopereorder = False  # the order of collection says more
    return Shares(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Name each test's group for the scheduler, and put the longest first."""
    if not hasattr(config, "workerinput"):
        return
    for item in items:
        marker = item.get_closest_marker("xdist_group")
        if marker and not item.nodeid.endswith(f"@{marker.args[0]}"):
            # xdist 3.8 writes it where pytest 9.2 no longer looks
            item._id = NodeId.parse(f"{item.nodeid}@{marker.args[0]}")  # noqa: SLF001 - as xdist meant to
    items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    share = share_of(item.nodeid)
    return LONGEST_FIRST.index(share) if share in LONGEST_FIRST else len(LONGEST_FIRST)
