"""What every test may ask for, and the rule that in CI nothing is skipped."""

from __future__ import annotations

import os

import pytest

#: Fixtures live in files of their own under tests/support: add a line for a new one.
pytest_plugins = [
    "tests.support.browser",
    "tests.support.postgres",
    "tests.support.sending",
    "tests.support.staff_site",
    "tests.support.stores",
]


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """A test that was skipped has shown nothing, so in CI it fails the run."""
    if not os.environ.get("CI") or hasattr(session.config, "workerinput"):
        return
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter and reporter.stats.get("skipped") and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        reporter.section("In CI no test may be skipped", red=True)
        for report in reporter.stats["skipped"]:
            reporter.line(f"{report.nodeid}: {report.longrepr[2] if report.longrepr else ''}")
