"""The OpenAI Batch API, as much of it as `grader batch` uses: upload, create, poll, download.

A batch is worked off when it is polled for the second time, so that a client sees it waiting.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from grader.testing.faults import error_body
from grader.testing.server import HttpReply, HttpRequest

Complete = Callable[[dict[str, Any], dict[str, str]], HttpReply]


class Batches:
    """Files and batches of one scripted judge."""

    def __init__(self, complete: Complete) -> None:
        self.files: dict[str, bytes] = {}
        """Contents by file id."""
        self.batches: dict[str, dict[str, Any]] = {}
        """Batches by id, as the API tells them."""
        self._complete = complete
        self._polls: dict[str, int] = {}

    def handle(self, request: HttpRequest, path: str) -> HttpReply:
        """Answer a request under /v1/files or /v1/batches."""
        match request.method, path.removeprefix("/v1/").split("/"):
            case "POST", ["files"]:
                return self._upload(request)
            case "GET", ["files", file, "content"] if file in self.files:
                return HttpReply(200, self.files[file])
            case "POST", ["batches"]:
                return self._create(json.loads(request.body))
            case "GET", ["batches", batch] if batch in self.batches:
                return HttpReply(200, self._polled(batch))
            case "POST", ["batches", batch, "cancel"] if batch in self.batches:
                self.batches[batch]["status"] = "cancelled"
                return HttpReply(200, self.batches[batch])
        return HttpReply(404, error_body(f"no such path: {request.method} {path}", None))

    def _upload(self, request: HttpRequest) -> HttpReply:
        boundary = request.headers["content-type"].partition("boundary=")[2].strip('"')
        for part in request.body.split(b"--" + boundary.encode()):
            head, _, content = part.partition(b"\r\n\r\n")
            if re.search(rb'name="?file"?', head):
                name = self._keep(content.removesuffix(b"\r\n"))
                return HttpReply(200, _file(name, len(content)))
        return HttpReply(400, error_body("no file in the upload", None))

    def _keep(self, content: bytes) -> str:
        name = f"file-{len(self.files) + 1}"
        self.files[name] = content
        return name

    def _create(self, body: dict[str, Any]) -> HttpReply:
        if body.get("input_file_id") not in self.files:
            return HttpReply(400, error_body("no such file", None))
        name = f"batch_{len(self.batches) + 1}"
        self.batches[name] = {
            "id": name,
            "object": "batch",
            "endpoint": body["endpoint"],
            "input_file_id": body["input_file_id"],
            "completion_window": body["completion_window"],
            "status": "validating",
            "created_at": 0,
            "output_file_id": None,
            "error_file_id": None,
            "request_counts": {"total": 0, "completed": 0, "failed": 0},
        }
        return HttpReply(200, self.batches[name])

    def _polled(self, name: str) -> dict[str, Any]:
        batch = self.batches[name]
        self._polls[name] = self._polls.get(name, 0) + 1
        if self._polls[name] < 2 or batch["status"] not in ("validating", "in_progress"):
            if batch["status"] == "validating":
                batch["status"] = "in_progress"
            return batch
        lines = [json.loads(line) for line in self.files[batch["input_file_id"]].splitlines()]
        good: list[str] = []
        bad: list[str] = []
        for line in lines:
            reply = self._complete(line["body"], {})
            (good if reply.status < 400 else bad).append(_line(line["custom_id"], reply))
        batch["status"] = "completed"
        batch["output_file_id"] = self._keep("".join(good).encode()) if good else None
        batch["error_file_id"] = self._keep("".join(bad).encode()) if bad else None
        batch["request_counts"] = {
            "total": len(lines),
            "completed": len(good),
            "failed": len(bad),
        }
        return batch


def _line(custom_id: str, reply: HttpReply) -> str:
    response = {"status_code": reply.status, "request_id": "r", "body": reply.body}
    line = {"id": "batch_req", "custom_id": custom_id, "response": response, "error": None}
    return json.dumps(line, ensure_ascii=False) + "\n"


def _file(name: str, size: int) -> dict[str, Any]:
    return {
        "id": name,
        "object": "file",
        "bytes": size,
        "created_at": 0,
        "filename": "requests.jsonl",
        "purpose": "batch",
        "status": "processed",
    }
