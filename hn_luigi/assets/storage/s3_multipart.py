"""A multipart upload to S3, whose answer says which tag the object has.

``pipe_file`` of s3fs (2026.9) makes one as well, and keeps that answer to itself. A tag can't be
foretold where the bucket encrypts with a key of KMS or the client's: only elsewhere is it made from
the MD5 of each part. And an interrupt leaves s3fs uploading, here it ends the upload.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import Any

_PART = 50 * 2**20
MULTIPART_FROM = 2 * _PART
"""Bytes from which on an object is put in parts, as by s3fs itself."""


def put_multipart(filesystem: Any, path: str, data: bytes, *, timeout: float) -> Mapping[str, Any]:
    """Replace what is at ``path`` by ``data``, in one step; the service's answer to the last part.

    S3 holds the tags of the parts that it is told in the end against what it has got of each.

    Args:
        filesystem: of s3fs.
        timeout: seconds that each request may take.

    Raises:
        Exception: whatever s3fs raises; then nothing is left of the upload, unless the service
            can't be reached any more.
    """
    bucket, key, _ = filesystem.split_path(path)
    ask = partial(filesystem.call_s3, Bucket=bucket, Key=key, timeout=timeout)
    upload = {"UploadId": ask("create_multipart_upload")["UploadId"]}
    try:
        parts = []
        for number, start in enumerate(range(0, len(data), _PART), 1):
            part = data[start : start + _PART]
            answer = ask("upload_part", PartNumber=number, Body=part, **upload)
            parts.append({"PartNumber": number, "ETag": answer["ETag"]})
        completed = ask("complete_multipart_upload", MultipartUpload={"Parts": parts}, **upload)
    except BaseException:  # an interrupt as well: parts cost money, and no listing shows them
        with suppress(Exception):
            ask("abort_multipart_upload", **upload)
        raise
    return dict(completed)
