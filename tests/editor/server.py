"""A YAML language server spoken to as an editor speaks to it: JSON-RPC over its standard streams."""

from __future__ import annotations

import json
import queue
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

PATIENCE = 60.0
SETTINGS = {"yaml": {"schemaStore": {"enable": False}}}

Answer = Any


class Server:
    """A running server; `settle` and `ask` wait for what it says, with bounded patience."""

    def __init__(self, command: Sequence[str], folder: Path) -> None:
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._heard: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        self._asked = 0
        self._opened = 0
        self._diagnostics: dict[str, list[Any]] = {}
        self.ask(
            "initialize",
            {
                "processId": None,
                "rootUri": folder.as_uri(),
                "capabilities": {
                    "workspace": {"configuration": True},
                    "textDocument": {
                        "completion": {
                            "completionItem": {"snippetSupport": True, "documentationFormat": ["markdown"]}
                        },
                        "hover": {"contentFormat": ["markdown"]},
                    },
                },
            },
        )
        self._tell("initialized", {})
        self._tell("workspace/didChangeConfiguration", {"settings": SETTINGS})

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self.ask("shutdown", None)
                self._tell("exit", None)
        finally:
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            self._process.stdin.close()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._listener.join(10)
            self._process.stdout.close()

    def open(self, path: Path, text: str) -> str:
        """Show a text to the server as the content of a file; return the file's URI."""
        uri = path.as_uri()
        self._opened += 1
        document = {"uri": uri, "languageId": "yaml", "version": self._opened, "text": text}
        self._diagnostics.pop(uri, None)
        self._tell("textDocument/didOpen", {"textDocument": document})
        return uri

    def close(self, uri: str) -> None:
        """Close a file; the server takes its diagnostics back."""
        self._diagnostics.pop(uri, None)
        self._tell("textDocument/didClose", {"textDocument": {"uri": uri}})
        self.settle(uri)

    def settle(self, uri: str) -> list[Any]:
        """Return the diagnostics of a file that was opened."""
        while uri not in self._diagnostics:
            self._take()
        return self._diagnostics[uri]

    def ask(self, method: str, params: object) -> Answer:
        """Return the answer to a request."""
        self._asked += 1
        number = self._asked
        self._send({"id": number, "method": method, "params": params})
        while True:
            message = self._take()
            if message.get("id") == number and "method" not in message:
                assert "error" not in message, message["error"]
                return message.get("result")

    def _take(self) -> dict[str, Any]:
        """Return the next message; what the server itself asks is answered on the way."""
        message = self._heard.get(timeout=PATIENCE)
        assert message is not None, "the server has ended"
        match message.get("method"):
            case "textDocument/publishDiagnostics":
                self._diagnostics[message["params"]["uri"]] = message["params"]["diagnostics"]
            case "workspace/configuration":
                items = message["params"]["items"]
                self._send({"id": message["id"], "result": [SETTINGS.get(item["section"]) for item in items]})
            case str() if "id" in message:
                self._send({"id": message["id"], "result": None})
        return message

    def _tell(self, method: str, params: object) -> None:
        self._send({"method": method, "params": params})

    def _send(self, message: Mapping[str, object]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode("utf-8")
        assert self._process.stdin is not None
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        self._process.stdin.flush()

    def _listen(self) -> None:
        stream = self._process.stdout
        assert stream is not None
        while header := stream.readline():
            length = 0
            while header.strip():
                name, _, value = header.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
                header = stream.readline()
            self._heard.put(json.loads(stream.read(length)))
        self._heard.put(None)
