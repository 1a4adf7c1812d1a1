"""What it shares with the package, loaded by path: to import the package would import Luigi.

That can't be done at all where .venv is broken, which has to be reported, too.
"""

from __future__ import annotations

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[2]

if TYPE_CHECKING:
    from hn_luigi import line_times, own_folder, parent_death
    from hn_luigi.alerts import incidents
    from hn_luigi.assets.secrets import find_secrets
else:

    def _load(path: str) -> ModuleType:
        name = f"shared_{Path(path).stem}"
        spec = spec_from_file_location(name, ROOT / "hn_luigi" / path)
        module = sys.modules[name] = module_from_spec(spec)  # where dataclasses look for it
        spec.loader.exec_module(module)
        return module

    incidents = _load("alerts/incidents.py")
    find_secrets = _load("assets/secrets/find_secrets.py")
    line_times = _load("line_times.py")
    own_folder = _load("own_folder.py")
    parent_death = _load("parent_death.py")

__all__ = ["ROOT", "find_secrets", "incidents", "line_times", "own_folder", "parent_death"]
