"""Spark as its users have it: the package from PyPI, a Java, and a cluster of it on loopback."""

from __future__ import annotations

import shutil
from importlib.util import find_spec

import pytest


@pytest.fixture(scope="session")
def java() -> None:
    """Skips the test where there is no Spark, or no Java that it runs on."""
    if find_spec("pyspark") is None:
        pytest.skip('pyspark is not installed: pip install "hn_luigi[spark]"')
    if shutil.which("java") is None:
        pytest.skip("java is not installed: .ci/install-servers does it on Debian")


@pytest.fixture
def conf(java: None) -> dict[str, str]:
    """Has JVMs that live for seconds begin in less of them."""
    options = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
    return {
        "spark.driver.extraJavaOptions": options,
        "spark.driver.memory": "512m",
        "spark.executor.extraJavaOptions": options,
        "spark.executor.memory": "512m",
    }
