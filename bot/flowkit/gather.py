"""Finding every flow in a folder, so that no flow needs to know another."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from types import ModuleType

from bot.flowkit.flow import BadFlow, Flow


def gather(package: ModuleType) -> dict[str, type[Flow]]:
    """The flows of a package by name, one or more a file. Raises BadFlow when two share a name."""
    found: dict[str, type[Flow]] = {}
    for module in sorted(m.name for m in pkgutil.iter_modules(package.__path__)):
        loaded = importlib.import_module(f"{package.__name__}.{module}")
        for kind in vars(loaded).values():
            if inspect.isclass(kind) and issubclass(kind, Flow) and kind.__module__ == loaded.__name__:
                if kind.name in found:
                    raise BadFlow(f"two flows are called {kind.name!r}")
                found[kind.name] = kind
    return found
