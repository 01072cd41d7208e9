"""What urllib3's errors mean to a person."""

from __future__ import annotations

import ssl

__all__ = ["in_words"]


def in_words(error: Exception, server: str) -> str:
    """Why ``server`` gave no answer, in one line."""
    from urllib3 import exceptions

    where = server or "the server"
    cause = getattr(error, "reason", None) or error
    text = " ".join(str(cause).split())
    match cause:
        case exceptions.NameResolutionError():
            return f"{where} cannot be reached: its name is not known here"
        case exceptions.NewConnectionError():
            return f"{where} cannot be reached: {_reason(text)}"
        case exceptions.ConnectTimeoutError():
            return f"{where} cannot be reached: no answer"
        case exceptions.ReadTimeoutError():
            return f"{where} has fallen silent"
        case exceptions.ProxyError():
            return f"{where} cannot be reached through the proxy: {_reason(text)}"
        case exceptions.SSLError() | ssl.SSLError():
            return f"TLS with {where} failed: {_tls(text)}"
        case ConnectionError() | exceptions.ProtocolError() | exceptions.HTTPError():
            return f"the connection to {where} broke: {_reason(text)}"
    return f"{where} cannot be reached: {text}"


def _reason(text: str) -> str:
    """The operating system's words, without the object that they came in and without its number."""
    words = text.rpartition(": ")[2] if "[Errno" in text else text
    words = words.rpartition("]")[2].strip(" '\"()") or text
    return words[:1].lower() + words[1:]


def _tls(text: str) -> str:
    reason = text.partition("] ")[2] or text
    reason = reason.rpartition(" (_ssl.c")[0] or reason
    return reason.strip(" '\"()")
