"""A client of Session Keepalive in one file. Copy it beside your program. It needs Python 3.8 or newer, nothing else.

    import keepalive

    for session in keepalive.call("session/list"):
        print(session["id"], session["state"]["name"])
    for event in keepalive.events():
        print(event["method"], event["params"])

From a shell: `python3 keepalive.py session/get '{"id": "codex"}'`, or `python3 keepalive.py` for the notifications.
The daemon proves that it is the one that wrote the endpoint file. The token itself is never sent.
"""

from __future__ import annotations

import base64
import hmac
import http.client
import json
import os
import re
import secrets
import socket
import stat
import struct
import sys
from typing import Any, BinaryIO, Iterator

CONNECT_SECONDS = 5.0
"""How long the daemon may take to prove itself."""


class KeepaliveError(Exception):
    """`code` is one of docs/errors.md, or of JSON-RPC, as in "-32602". `hint` says more, if anything is known."""

    def __init__(self, code: str, message: str, details: dict[str, Any] | None = None) -> None:
        self.code, self.message, self.details = code, message, details or {}
        problems = [f"{problem['path']}: {problem['message']}" for problem in self.details.get("problems", [])]
        given = self.details.get("hint") or self.details.get("reason")
        self.hint = "; ".join(problems) or (str(given) if given else None)
        super().__init__(f"{message} ({self.hint})" if self.hint else message)


class NoDaemon(KeepaliveError):
    """No daemon answers, or the connection to it was lost."""


def no_daemon(reason: str) -> NoDaemon:
    return NoDaemon("KA_RPC_NO_DAEMON", "No daemon answers. Start it with `keepalive start`.", {"reason": reason})


def home() -> str:
    """The folder of the daemon's files, as `keepalive doctor` prints it."""
    env, user = os.environ, os.path.expanduser("~")
    if env.get("KEEPALIVE_HOME"):
        return os.path.abspath(os.path.expanduser(env["KEEPALIVE_HOME"]))
    if sys.platform == "darwin":
        return os.path.join(user, "Library", "Application Support", "keepalive")
    if sys.platform == "win32":
        local = env.get("LOCALAPPDATA") or os.path.join(user, "AppData", "Local")
        return os.path.join(local, "keepalive", "Data")
    return os.path.join(env.get("XDG_DATA_HOME") or os.path.join(user, ".local", "share"), "keepalive")


def call(method: str, params: dict[str, Any] | None = None, *, access: str = "full", timeout: float = 180) -> Any:
    """Calls a method of docs/rpc.md and returns its result. With `access="read"` it can change nothing."""
    connection, headers = _prove(access)
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params or {}})
    try:
        connection.timeout = timeout
        connection.request("POST", "/rpc", body.encode(), {**headers, "Content-Type": "application/json"})
        answer = connection.getresponse()
        text = answer.read()
    except socket.timeout as error:
        raise KeepaliveError("KA_RPC_TIMEOUT", "The daemon did not answer in time.") from error
    except (OSError, http.client.HTTPException) as error:
        raise _lost() from error
    finally:
        connection.close()
    if answer.status != 200:
        raise no_daemon(f"it refused the call with {answer.status} {answer.reason}")
    document = json.loads(text)
    if "error" not in document:
        return document["result"]
    refusal, data = document["error"], document["error"].get("data") or {}
    raise KeepaliveError(data.get("code") or str(refusal["code"]), refusal["message"], data.get("details") or data)


def events(*, access: str = "read") -> Iterator[dict[str, Any]]:
    """Every notification from now on, as `{"method": …, "params": …}`. Raises `NoDaemon` when the daemon ends."""
    connection, headers = _prove(access)
    try:
        connection.connect()
        channel = connection.sock
        key = base64.b64encode(secrets.token_bytes(16)).decode()
        lines = [
            "GET /rpc HTTP/1.1",
            f"Host: {connection.host}:{connection.port}",
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            f"Sec-WebSocket-Key: {key}",
            *(f"{name}: {value}" for name, value in headers.items()),
        ]
        channel.sendall("\r\n".join([*lines, "", ""]).encode())
        reader = channel.makefile("rb")
        status = reader.readline().decode("latin-1").strip()
        while reader.readline().strip():
            pass
        channel.settimeout(None)
    except OSError as error:
        raise _lost() from error
    if " 101 " not in f"{status} ":
        channel.close()
        raise no_daemon(f"it refused the connection with {status}")
    return _notifications(channel, reader)


def _notifications(channel: socket.socket, reader: BinaryIO) -> Iterator[dict[str, Any]]:
    try:
        for text in _messages(channel, reader):
            message = json.loads(text)
            if "method" in message:
                yield {"method": message["method"], "params": message.get("params", {})}
    except (OSError, EOFError) as error:
        raise _lost() from error
    finally:
        reader.close()
        channel.close()


def _messages(channel: socket.socket, reader: BinaryIO) -> Iterator[bytes]:
    """The texts that arrive on a WebSocket (RFC 6455)."""
    message = b""
    while True:
        first, second = _read(reader, 2)
        final, opcode, length = first & 0x80, first & 0x0F, second & 0x7F
        if length == 126:
            (length,) = struct.unpack("!H", _read(reader, 2))
        elif length == 127:
            (length,) = struct.unpack("!Q", _read(reader, 8))
        data = _read(reader, length)
        if opcode == 8:
            raise EOFError
        if opcode == 9:
            mask = secrets.token_bytes(4)
            masked = bytes(byte ^ mask[index % 4] for index, byte in enumerate(data))
            channel.sendall(bytes([0x8A, 0x80 | len(data)]) + mask + masked)
        if opcode <= 2:
            message += data
            if final:
                yield message
                message = b""


def _read(reader: BinaryIO, length: int) -> bytes:
    data = reader.read(length)
    if len(data) < length:
        raise EOFError
    return data


def _lost() -> NoDaemon:
    return NoDaemon("KA_RPC_CONNECTION_LOST", "The connection to the daemon was lost.")


def _prove(access: str) -> tuple[http.client.HTTPConnection, dict[str, str]]:
    """Has the daemon prove that it has the token. The headers prove the same of us, once. See docs/rpc.md#connect."""
    port, token = _endpoint(access)
    client_nonce = _encode(secrets.token_bytes(32))
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=CONNECT_SECONDS)
    try:
        connection.request("GET", f"/proof?{'access=read&' if access == 'read' else ''}nonce={client_nonce}")
        answer = connection.getresponse().read(4096).decode("latin-1")
    except (OSError, http.client.HTTPException) as error:
        raise no_daemon(str(error)) from error
    finally:
        connection.close()
    server_nonce, _, server_proof = answer.partition(".")

    def proof(side: str) -> str:
        text = f"keepalive.v1 {side} 127.0.0.1:{port} {client_nonce} {server_nonce}"
        return _encode(hmac.digest(token.encode(), text.encode(), "sha256"))

    if not hmac.compare_digest(server_proof.encode(), proof("server").encode()):
        raise no_daemon(f"what answers at port {port} does not have the daemon's token")
    return connection, {"Authorization": f"Proof {client_nonce}.{server_nonce}.{proof('client')}"}


def _endpoint(access: str) -> tuple[int, str]:
    """The port and the token of the daemon. A file that another user can read, or has written, is refused."""
    file = os.path.join(home(), "endpoint.json")
    try:
        facts = os.lstat(file)
        if stat.S_ISLNK(facts.st_mode) or hasattr(os, "geteuid") and facts.st_uid != os.geteuid():
            raise no_daemon(f"{file} is a link, or belongs to another user")
        if hasattr(os, "geteuid") and facts.st_mode & 0o077:
            raise no_daemon(f"other users may read {file}; `keepalive restart` writes a new one")
        with open(file, encoding="utf-8") as opened:
            endpoint = json.load(opened)
        address = re.fullmatch(r"ws://127\.0\.0\.1:(\d{1,5})/rpc", endpoint["url"])
        token = endpoint["token" if access == "full" else "readToken"]
    except (OSError, ValueError, KeyError) as error:
        raise no_daemon(f"{file}: {error}") from error
    if address is None:
        raise no_daemon(f"{file}: its address is not on 127.0.0.1")
    if hasattr(os, "geteuid") and not _is_running(endpoint["pid"]):
        raise no_daemon(f"its process {endpoint['pid']} has ended")
    return int(address[1]), token


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _main(method: str | None = None, params: str = "{}") -> None:
    if method is not None:
        print(json.dumps(call(method, json.loads(params)), indent=2))
        return
    for event in events():
        print(json.dumps(event), flush=True)


if __name__ == "__main__":
    try:
        _main(*sys.argv[1:])
    except KeepaliveError as error:
        sys.exit(f"{error.code}: {error}")
