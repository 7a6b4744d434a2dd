"""What every test may ask for, and the rule that in CI nothing is skipped."""

from __future__ import annotations

import os

import hypothesis
import pytest

from bot.settings import PREFIX, Settings

#: Fixtures live in files of their own under tests/support: add a line for a new one.
pytest_plugins = [
    "tests.support.stores",  # first: the others lean on it
    "tests.support.browser",
    "tests.support.conversation",
    "tests.support.postgres",
    "tests.support.sending",
    "tests.support.staff_site",  # before what leans on it
    "tests.support.staff_directory",
    "tests.support.calendars",
    "tests.support.talk",
    "tests.support.transcripts",
    "tests.support.web_site",
    "tests.support.webhooks",
]

# No test may fail because the machine was slow.
hypothesis.settings.register_profile(
    "linkline", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("linkline")


def pytest_configure() -> None:
    """Tests see no setting of this machine's: not its environment's, not its `.env`'s."""
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        del os.environ[name]
    Settings.model_config["env_file"] = None


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
