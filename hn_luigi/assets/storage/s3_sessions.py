"""What a process that is forked need not read again to reach S3: Amazon's models of its services.

A filesystem, its client, its loop and its connections can't be carried across a fork, a session
neither (it holds credentials, with an asyncio lock around their renewal, which belongs to one loop
and may be held when the process is forked). What botocore has read of its own files is plain data.
"""

from __future__ import annotations

import json
from typing import Any

_loaders: dict[str, Any] = {}


def take_session(filesystem: Any) -> None:
    """Give the new s3fs ``filesystem`` its session, which reads nothing that was read before.

    Raises:
        TypeError: an option is one of nobody's.
    """
    # 0.19 s of CPU until a forked process has its first answer, 0.08 with the models at hand (s3fs
    # 2026.9, botocore 1.43). A client that was made before the fork and never used would take 0.06,
    # and carry the parent's credentials into steps that outlive them.
    from aiobotocore.session import AioSession

    arguments = filesystem.kwargs  # which s3fs would make it with
    session = AioSession(**arguments)
    key = json.dumps(arguments, sort_keys=True)  # a profile may name a folder of other models
    if key in _loaders:
        session.register_component("data_loader", _loaders[key])
    else:
        _loaders[key] = session.get_component("data_loader")
    filesystem.session = session
