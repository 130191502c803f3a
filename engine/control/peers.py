"""Who is at the other end of a unix socket: the kernel knows, and cannot be lied to."""

from __future__ import annotations

import ctypes
import os
import socket
import struct

_CREDENTIALS = struct.Struct("3i")


def peer_uid(connection: socket.socket) -> int:
    """The user id of the process at the other end. Raises ``OSError`` where the system does not tell."""
    if hasattr(socket, "SO_PEERCRED"):
        found = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
        uid: int = _CREDENTIALS.unpack(found)[1]
        return uid
    user, group = ctypes.c_uint32(), ctypes.c_uint32()  # macOS and the BSDs
    if ctypes.CDLL(None, use_errno=True).getpeereid(connection.fileno(), ctypes.byref(user), ctypes.byref(group)):
        raise OSError(ctypes.get_errno(), "cannot tell who is at the other end of the socket")
    return user.value


def is_ours(connection: socket.socket) -> bool:
    """Whether the other end is run by the user who runs this."""
    return peer_uid(connection) == os.getuid()
