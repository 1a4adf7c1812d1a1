"""How random histories are tried: in memory, and showing how to repeat one that failed."""

from __future__ import annotations

import os

from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

MEMORY = "/dev/shm" if os.path.isdir("/dev/shm") else None
CAREFUL = hypothesis_settings(
    print_blob=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
