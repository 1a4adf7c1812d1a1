"""What would fill a disk is counted; the rest of the log stays as it is."""

from __future__ import annotations

import logging

import pytest

from hn_luigi.web.repeats import MOST, SECONDS, Repeats


class Seconds:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def seconds():
    return Seconds()


@pytest.fixture
def logger(seconds, caplog):
    logger = logging.getLogger("hn_luigi.web.repeats of a test")
    repeats = Repeats(seconds)
    logger.addFilter(repeats)
    caplog.set_level(logging.INFO)
    yield logger
    logger.removeFilter(repeats)


def test_a_line_s_repeats_are_counted_and_told(logger, seconds, caplog):
    def complain(times):
        for number in range(times):
            logger.warning("no room for %s", number)

    complain(MOST + 1000)
    assert len(caplog.messages) == MOST
    seconds.now += SECONDS
    complain(2)
    assert caplog.messages[MOST:] == [
        "no room for 0 (1,000 more like it were left out)",
        "no room for 1",
    ]


def test_other_lines_and_levels_are_logged(logger, caplog):
    for _ in range(MOST + 1):
        logger.warning("again")
        logger.info("200 GET /")
    logger.warning("something else")
    assert caplog.messages.count("200 GET /") == MOST + 1
    assert caplog.messages[-1] == "something else"
