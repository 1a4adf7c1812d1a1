"""What a user sets about storage: the root, and how to reach each kind of object store.

Credentials are no settings: each backend's SDK finds them where it always does, such as its own
environment variables, its own files, or the machine's identity.
"""

from __future__ import annotations

import luigi

from hn_luigi.assets.parameters.kinds import Address, JsonObject, Switch, Text


class Endpoint(Address):
    """The address of a service, which takes its credentials in another way."""

    def check(self, value: str) -> str:
        """``value`` if it holds no user; raises ValueError."""
        if "@" in super().check(value):
            raise ValueError("credentials have no place in it: its SDK finds them elsewhere")
        return super().check(value)


class storage(luigi.Config):
    """The ``[storage]`` section."""

    root = Text(
        "data",
        required=True,
        description="Where everything is stored: a folder, s3://bucket/prefix, "
        "gs://bucket/prefix, az://container/prefix, or memory://name.",
    )


class storage_s3(luigi.Config):
    """The ``[storage_s3]`` section, for a root that begins with ``s3://``."""

    endpoint_url = Endpoint(
        "", description="Address of an S3-compatible service; empty for Amazon's."
    )
    region = Text("", description="Region of the bucket; empty for that of your profile.")
    profile = Text("", description="Profile of ~/.aws/config to use.")
    anon = Switch(False, description="Whether to send no credentials, for a public bucket.")
    options = JsonObject("{}", description="More arguments of s3fs.S3FileSystem, as JSON.")


class storage_gcs(luigi.Config):
    """The ``[storage_gcs]`` section, for a root that begins with ``gs://``."""

    endpoint_url = Endpoint(
        "", description="Address of a service with this API; empty for Google's."
    )
    project = Text("", description="Google Cloud project; empty for that of your login.")
    anon = Switch(False, description="Whether to send no credentials, for a public bucket.")
    options = JsonObject("{}", description="More arguments of gcsfs.GCSFileSystem, as JSON.")


class storage_azure(luigi.Config):
    """The ``[storage_azure]`` section, for a root that begins with ``az://``."""

    account_name = Text("", description="Storage account; empty for that of your environment.")
    account_host = Text("", description="Host of the account, if not under blob.core.windows.net.")
    anon = Switch(False, description="Whether to send no credentials, for a public container.")
    options = JsonObject("{}", description="More arguments of adlfs.AzureBlobFileSystem, as JSON.")
