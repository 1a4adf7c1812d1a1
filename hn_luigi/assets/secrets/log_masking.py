"""No secret in any log line, warning or traceback of this process, whoever writes it.

``mask_secrets`` is called where a process of ours begins to work: by the commands; as ``luigi``
reads its command line; when the first asset is made; and before a worker speaks to its scheduler.
Forked workers inherit it. Whoever learns of a secret later has ``remember`` mask it. What a
logger's ``extra`` adds to a record is added after it was made, and isn't seen.
"""

# Luigi 3.8.1 logs scheduler_url, with the token in it, each time the scheduler doesn't answer, and
# once more in the traceback (luigi/rpc.py): five times before it gives up. Records are masked where
# they are made. Rejected: filters, since one on a logger sees none of its children's records and
# one on a handler only that handler's; a formatter, which users' own [logging] replaces; doing it
# at the import, which is to change nothing of others' logging. It takes 5 µs a record.

from __future__ import annotations

import json
import logging
import os
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from traceback import TracebackException
from typing import Any

from hn_luigi.assets.secrets.find_secrets import Mask, of_environment, of_setting, pieces_of

_remembered: set[str] = set()
_mask = Mask()
_is_installed = False


def masked(text: str) -> str:
    """``text`` without secrets."""
    return _mask(text)


def remember(secret: str) -> None:
    """Mask ``secret``, wherever it comes from, from now on."""
    if secret not in _remembered:
        _remembered.add(secret)
        _mask.add(secret)


def mask_secrets(*, anew: bool = True) -> None:
    """Mask what the environment and the configuration hold now, in all that is logged later.

    Unless it is to be found ``anew``, what is known since the first call will do.
    """
    global _is_installed
    if _is_installed and not anew:
        return
    _learn()
    if _is_installed:
        return
    _is_installed = True
    logging.setLogRecordFactory(_factory(logging.getLogRecordFactory()))
    sys.excepthook = _hook(sys.excepthook, lambda *error: error)
    threading.excepthook = _hook(threading.excepthook, _error_of)
    sys.unraisablehook = _hook(sys.unraisablehook, _error_of)
    # As a process that multiprocessing has started prints its own, and others write them to a log.
    TracebackException.format = _masked_format  # type: ignore[assignment, method-assign]
    warnings.formatwarning = _formatwarning(warnings.formatwarning)  # logging's own uses it, too


def _learn() -> None:
    global _mask
    _mask = Mask({*_remembered, *of_environment(os.environ), *_of_configuration()})


def _of_configuration() -> Iterator[str]:
    from luigi.configuration import get_config

    config: Any = get_config()
    in_toml: dict[str, dict[str, Any]] = getattr(config, "data", {})
    for section in (*config.sections(), *in_toml):
        for name in in_toml.get(section) or config.options(section):
            try:
                value = config.get(section, name)
            except Exception:  # such as a lone %: its reader's error shows the value from there on
                with suppress(Exception):
                    for secret in _of_option(section, name, config.get(section, name, raw=True)):
                        yield from (secret, secret[secret.find("%") :])
                continue
            yield from _of_option(section, name, str(value))


def _of_option(section: str, name: str, value: str) -> Iterator[str]:
    yield from of_setting(name, value)
    # All of such an address may be the secret, as in hooks.slack.com/services/T…/B…/x.
    if section == "alerts" and name in ("urls", "heartbeat_url"):
        for url in value.split():
            yield from pieces_of(url)
    if value.lstrip().startswith("{"):  # arguments of an SDK
        try:
            yield from _in_json("", json.loads(value))
        except (ValueError, RecursionError):
            return


def _in_json(name: str, value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _in_json(key, inner)
    elif isinstance(value, str):
        yield from of_setting("secret" if name in ("key", "token") else name, value)


def _factory(before: Callable[..., logging.LogRecord]) -> Callable[..., logging.LogRecord]:
    def make(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = before(*args, **kwargs)
        _clean(record)
        return record

    return make


def _clean(record: logging.LogRecord) -> None:
    """Mask what ``record`` says; where that is nothing secret, it stays as it is."""
    try:
        said = record.getMessage()
    except Exception:  # logging would complain of it, and show all arguments
        said = f"{record.msg} {_shown(record.args)}"
        record.msg, record.args = said, None
    if (clean := _mask(said)) != said:
        record.msg, record.args = clean, None
    if record.exc_info and (trace := _cleaned(*record.exc_info)):
        # Formatters take the text of a traceback that is there already for their own.
        record.exc_info, record.exc_text = None, trace.rstrip("\n")
    if record.stack_info:
        record.stack_info = _mask(record.stack_info)


def _shown(args: object) -> str:
    try:
        return repr(args)
    except Exception:
        return f"with arguments of kind {type(args).__name__}"


_format = TracebackException.format


def _masked_format(self: TracebackException, **how: Any) -> Iterator[str]:
    return map(_mask, _format(self, **how))


def _cleaned(
    kind: type[BaseException] | None, error: BaseException | None, trace: Any
) -> str | None:
    """The traceback without secrets; None where there is nothing secret in it."""
    if kind is None or error is None:
        return None
    text = "".join(_format(TracebackException(kind, error, trace)))
    return clean if (clean := _mask(text)) != text else None


def _hook(before: Callable[..., Any], error_of: Callable[..., Any]) -> Callable[..., Any]:
    """A hook that prints errors as ``before`` does, and those with secrets without them."""

    def show(*args: Any) -> None:
        if (clean := _cleaned(*error_of(*args))) is None:
            before(*args)
        elif sys.stderr is not None:
            sys.stderr.write(clean)

    return show


def _error_of(args: Any) -> tuple[Any, Any, Any]:
    return args.exc_type, args.exc_value, args.exc_traceback


def _formatwarning(before: Callable[..., str]) -> Callable[..., str]:
    def text(*args: Any, **kwargs: Any) -> str:
        return _mask(before(*args, **kwargs))

    return text
