"""Whose the scheduler's state is: it is a pickle, and who writes one that is loaded runs code.

So it has to be this user's own, in a place where nobody else can put another: the file, its folder,
and every folder on the way. A group that is this user's alone, as many systems make one for each
user with a umask of 002, is not somebody else. An access control list isn't looked at.
"""

from __future__ import annotations

import grp
import os
import pwd
import shlex
import stat
from contextlib import suppress


def why_unsafe(path: str) -> str:
    """Why the state at ``path`` must not be loaded or kept there, with the remedy; empty if it may.

    Raises:
        OSError: its folder isn't there, or can't be looked at.
    """
    path = os.path.abspath(path)
    with suppress(FileNotFoundError):
        if reason := _why_file_is_unsafe(path, os.lstat(path)):
            return reason
    folder = os.path.dirname(path)
    # Both ways: a link on the way may be replaced, and so may what it leads to.
    for real in dict.fromkeys((folder, os.path.realpath(folder))):
        if reason := _why_way_is_unsafe(os.path.join(real, os.path.basename(path))):
            return reason
    return ""


def make_private(path: str) -> None:
    """Keep the state from other users that Luigi is about to write at ``path``.

    Luigi would make it with the umask's mode. To change that afterwards is too late: who has the
    file open by then may still write in it, and have the next start load that.
    """
    number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        os.fchmod(number, 0o600)
    finally:
        os.close(number)


def _why_file_is_unsafe(path: str, status: os.stat_result) -> str:
    if stat.S_ISLNK(status.st_mode):
        return f"{path} is a symbolic link: give its target as --state"
    # Luigi would open a pipe, and wait for somebody to write.
    if not stat.S_ISREG(status.st_mode):
        return f"{path} is not a file: remove it, or give another --state"
    if status.st_uid != os.geteuid():
        return f"{path} belongs to {_name(status.st_uid)}, and loading it runs code: remove it"
    if _others_may_write(status):
        return (
            f"{path} can be written by others, and loading it runs code: remove it, or, if nobody "
            f"has changed it, run chmod go-w {shlex.quote(path)}"
        )
    return ""


def _why_way_is_unsafe(path: str) -> str:
    """Which folder above ``path`` lets others put something else in the place of what it leads to.

    In one with the sticky bit, such as ``/tmp``, they can't, where that is there and ours.
    """
    while (folder := os.path.dirname(path)) != path:
        status = os.stat(folder)
        if status.st_uid not in (0, os.geteuid()):
            return (
                f"{folder} belongs to {_name(status.st_uid)}, who could make the scheduler run "
                "code: give a --state in a folder of your own"
            )
        is_kept = status.st_mode & stat.S_ISVTX and _is_there_and_ours(path)
        if _others_may_write(status) and not is_kept:
            return (
                f"others can write to {folder}, and so make the scheduler run code: run chmod go-w "
                f"{shlex.quote(folder)}, or give a --state in a folder of your own"
            )
        path = folder
    return ""


def _is_there_and_ours(path: str) -> bool:
    try:
        return os.lstat(path).st_uid in (0, os.geteuid())
    except FileNotFoundError:
        return False


def _others_may_write(status: os.stat_result) -> bool:
    by_group = status.st_mode & stat.S_IWGRP and not _is_private(status.st_gid)
    return bool(status.st_mode & stat.S_IWOTH or by_group)


def _is_private(gid: int) -> bool:
    """Whether the group is root's, or called like this user and has nobody else in it."""
    try:
        user, group = pwd.getpwuid(os.geteuid()), grp.getgrgid(gid)
    except KeyError:
        return False
    is_own = gid == user.pw_gid and group.gr_name == user.pw_name
    return (is_own or gid == 0) and {*group.gr_mem} <= {user.pw_name, "root"}


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
