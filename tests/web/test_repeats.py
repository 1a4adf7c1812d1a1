"""What would fill a disk is counted; the rest of the log stays as it is."""

from __future__ import annotations

import logging

import pytest

from hn_luigi.web.repeats import MOST, SECONDS, Repeats

from .client import send


class Seconds:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def seconds():
    return Seconds()


@pytest.fixture
def logging_as(seconds, caplog):
    """A logger of that name whose repeats are counted."""
    filtered = []

    def run(name):
        logger, repeats = logging.getLogger(name), Repeats(seconds)
        logger.addFilter(repeats)
        caplog.set_level(logging.INFO, name)
        filtered.append((logger, repeats))
        return logger

    yield run
    for logger, repeats in filtered:
        logger.removeFilter(repeats)


@pytest.fixture
def logger(logging_as):
    return logging_as("hn_luigi.web.repeats of a test")


def test_a_line_s_repeats_are_counted_and_told(logger, seconds, caplog):
    def complain(times):
        for number in range(times):
            logger.warning("no room for %s", number)

    complain(MOST + 1000)
    assert len(caplog.messages) == MOST
    seconds.now += SECONDS
    complain(2)
    assert caplog.messages[MOST:] == [
        "no room for 0 (1,000 similar lines omitted)",
        "no room for 1",
    ]


def test_other_lines_are_logged(logger, caplog):
    for _ in range(MOST + 1):
        logger.warning("again")
    logger.warning("something else")
    assert caplog.messages[-1] == "something else"


def test_answers_are_told_of_one_by_one(logging_as, caplog):
    logger = logging_as("tornado.access")
    for _ in range(MOST + 1):
        logger.info("200 GET /")
    assert caplog.messages.count("200 GET /") == MOST + 1


def test_what_is_no_http_is_counted(logging_as, serve, caplog):
    """Whoever reaches the port can send it, and Tornado tells of it without warning."""
    logging_as("tornado.general")
    server = serve()
    for _ in range(MOST + 5):
        assert send(server.port, b"nonsense\r\n\r\n").status == 400
    assert sum("Malformed" in message for message in caplog.messages) == MOST
