"""What is wrong with an object store, in our words.

Its libraries share no base class, and some wrap others' errors, so what an error is, is told by the
names of its class, its bases and its causes; that needs no import of a library that isn't there. No
message is searched, since they differ by service, version and language; where a service gives its
errors names or HTTP statuses, these count.
"""

from __future__ import annotations

from hn_luigi.assets import window
from hn_luigi.assets.errors import BackendUnavailable
from hn_luigi.assets.secrets.find_secrets import by_form

_UNMET = (409, 412)
"""Conflict, of two at once, and Precondition Failed."""
_LONGEST = 200
"""Signs of a foreign message that are shown: some hold the whole answer of a service, in XML."""
_LONGEST_NAME = 1024
"""Bytes of an object's name: S3's and GCS' limit, Azure's in letters; S3 only says 400."""

_CREDENTIALS = {
    "ClientAuthenticationError",  # azure
    "DefaultCredentialsError",  # google
    "NoCredentialsError",  # botocore, as are the others
    "PartialCredentialsError",
    "PermissionError",
    "ProfileNotFound",
    "TokenRetrievalError",
    "UnauthorizedSSOTokenError",
}
_NETWORK = {
    "ClientConnectionError",  # aiohttp
    "ConnectionError",
    "ConnectTimeoutError",
    "EndpointConnectionError",  # botocore
    "HTTPClientError",
    "RetryError",  # google
    "ServiceRequestError",  # azure
    "ServiceResponseError",
    "TimeoutError",
    "gaierror",
}


def to_storage_error(verb: str, url: str, error: Exception) -> BackendUnavailable:
    """What to raise for ``error``, met when something at ``url`` was to be read, say."""
    return BackendUnavailable(f"can't {verb} {url}: {_remedy(error, url)} ({_said(error)})")


def misconfigured(scheme: str, section: str, error: Exception) -> BackendUnavailable:
    """What to raise where a library refuses how it is set up."""
    return BackendUnavailable(
        f"can't open {scheme}://: correct [{section}], or the environment's variables for it "
        f"({_said(error)})"
    )


def is_only_missing(error: Exception) -> bool:
    """Whether ``error`` says that there is no object, in a bucket that may well be there."""
    if not isinstance(error, FileNotFoundError):
        return False
    codes = {_code(cause) for cause in _causes(error)}
    return not codes & {"NoSuchBucket", "ContainerNotFound"}


def is_refused(error: Exception) -> bool:
    """Whether a write was refused since what is there is not what it was to be written over."""
    # s3fs 2026.9 makes OSError (EINVAL) of SeaweedFS's 412, which it makes of other faults as well.
    is_named = any(isinstance(cause, FileExistsError) for cause in _causes(error))
    return is_named or is_only_missing(error) or _status(error) in _UNMET


def _remedy(error: Exception, url: str) -> str:
    kinds = {kind.__name__ for cause in _causes(error) for kind in type(cause).__mro__}
    scheme, _, rest = url.partition("://")
    bucket = f"{scheme}://{rest.partition('/')[0]}"
    if kinds & {"FileNotFoundError", "ResourceNotFoundError"}:
        return f"there is no {bucket}; create it or correct [storage] root, and run again"
    # Before the status: it comes with a 403, which new credentials wouldn't mend.
    if "RequestTimeTooSkewed" in map(_code, _causes(error)):
        return (
            f"this machine's clock, which says {window.now():%Y-%m-%d %H:%M} UTC, and the "
            "service's differ too much; set it by NTP, and run again"
        )
    if kinds & _CREDENTIALS or _status(error) in (401, 403):
        return (
            f"no valid credentials for {bucket}; give this user some where its SDK looks for them, "
            "and run again"
        )
    if kinds & _NETWORK:
        return (
            f"{scheme}:// can't be reached, or doesn't answer in time; check that the network, the "
            "endpoint and the source of the credentials work, and run again"
        )
    if (length := len(rest.partition("/")[2].encode())) > _LONGEST_NAME:
        return (
            f"its name is {length} bytes long, and object stores allow {_LONGEST_NAME}; "
            "shorten the parameters' values or [storage] root, and run again"
        )
    if kinds & {"ParamValidationError", "TypeError", "ValueError"}:
        return f"its library rejects its settings; correct the settings of {scheme}://"
    return "it failed; check that the service works, and run again"


def _said(error: Exception) -> str:
    text = by_form(" ".join(str(error).split()))[:_LONGEST]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _causes(error: BaseException) -> list[BaseException]:
    causes = [error]
    while (cause := causes[-1].__cause__) is not None and cause not in causes:
        causes.append(cause)
    return causes


def _code(error: BaseException) -> str:
    """The service's own name for what is wrong, of Amazon's libraries or of Azure's."""
    response = getattr(error, "response", None)
    details = response.get("Error", {}) if isinstance(response, dict) else {}
    return str(getattr(error, "error_code", None) or details.get("Code", ""))


def _status(error: Exception) -> object:
    for cause in _causes(error):
        response = getattr(cause, "response", None)
        if isinstance(response, dict):  # botocore's
            return response.get("ResponseMetadata", {}).get("HTTPStatusCode")
        if status := getattr(cause, "code", None) or getattr(cause, "status_code", None):
            return status
    return None
