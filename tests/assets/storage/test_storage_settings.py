"""What a user sets about storage, and how it is told where that is wrong."""

from __future__ import annotations

import json

import pytest

from hn_luigi.assets.errors import UnknownScheme
from hn_luigi.assets.storage import open_store
from hn_luigi.assets.storage.backends import BACKENDS
from hn_luigi.assets.storage.storage_settings import storage_s3
from hn_luigi.assets.storage.translate_errors import to_storage_error


def test_a_url_with_one_slash_is_no_folder():
    with pytest.raises(UnknownScheme, match="'s3:/bucket': a URL has two slashes after its colon"):
        open_store("s3:/bucket")


@pytest.mark.parametrize("url", ["s3://b/a\\b", "s3://b/a?b", "s3://b/a*", "s3://b/..", "s3://"])
def test_a_url_that_a_library_takes_for_something_else_is_refused(url):
    with pytest.raises(UnknownScheme, match="it must be a folder, s3://bucket/prefix"):
        open_store(url)


def test_options_join_with_those_of_the_section_and_win(settings):
    before = BACKENDS["s3"].options()["config_kwargs"]
    more = {"config_kwargs": {"retries": {"total_max_attempts": 9}}, "requester_pays": True}
    settings("storage_s3", region="eu-north-1", options=json.dumps(more))
    options = BACKENDS["s3"].options()
    assert options["requester_pays"] is True
    assert options["config_kwargs"] == before | more["config_kwargs"]
    assert storage_s3().region in str(options)


def test_a_clock_that_is_off_is_not_told_as_wrong_credentials():
    class ClientError(Exception):
        response = {"Error": {"Code": "RequestTimeTooSkewed"}}  # noqa: RUF012

    error = PermissionError("the difference is too large")
    error.__cause__ = ClientError()
    assert "UTC, and the service's differ too much; set it by NTP" in str(
        to_storage_error("read", "s3://bucket/x", error)
    )


@pytest.mark.parametrize("scheme", ["s3", "gs", "az"])
def test_a_name_that_no_object_may_have_is_told_by_its_length(scheme):
    url = f"{scheme}://bucket/{'x' * 1020}.json"
    said = str(to_storage_error("write", url, OSError("400 Bad Request")))
    assert "its name is 1025 bytes long, and object stores allow 1024; shorten" in said
    assert "check that the service works" in str(
        to_storage_error("write", url[:1000], OSError("400"))
    )
