"""Every call of the language model goes through `ask`."""

from __future__ import annotations

import http.client
import json
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from answers.passages import Passage

PROMPT_VERSION = "1"
MOST_TOKENS = 400
SECONDS = float(os.environ.get("MODEL_SECONDS", "30"))
RULES = (
    'Answer from the passages alone. Reply with JSON: {"answer": text, "quotations": [{"passage": id, "text": words of the passage}], '
    '"refused": true or false}. When the passages do not say, refuse.'
)


@dataclass
class Reply:
    """What came back, with the figures of the call."""

    text: str = ""
    first: float = 0.0
    last: float = 0.0
    read: int = 0
    written: int = 0


def prompt(question: str, turns: Sequence[dict[str, Any]], passages: Sequence[Passage]) -> str:
    """The user's part of the prompt."""
    told = [f'<passage id="{one.id}" page="{one.page}" version="{one.version}">\n{one.text}\n</passage>' for one in passages]
    before = [f"<turn>{turn['question']}</turn>" for turn in turns]
    return "\n".join([*told, *before, f"<question>{question}</question>"])


def ask(text: str) -> Reply:
    """One call, which ends at its limit of seconds and of tokens whatever the model does; raises OSError."""
    where = urlsplit(os.environ["MODEL_URL"])
    line = http.client.HTTPConnection(where.hostname or "", where.port, timeout=SECONDS)
    begun, reply = time.monotonic(), Reply()
    try:
        body = {
            "model": "local",
            "messages": [{"role": "system", "content": RULES}, {"role": "user", "content": text}],
            "max_tokens": MOST_TOKENS,
            "temperature": 0,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        line.request("POST", f"{where.path}/chat/completions", json.dumps(body), {"Content-Type": "application/json"})
        for raw in line.getresponse():
            if time.monotonic() - begun > SECONDS:
                raise TimeoutError(f"no whole reply after {SECONDS:g} s")
            if not raw.startswith(b"data: ") or raw.strip() == b"data: [DONE]":
                continue
            event = json.loads(raw[6:])
            for choice in event["choices"]:
                part = choice["delta"].get("content") or ""
                reply.first = reply.first or (time.monotonic() - begun if part else 0.0)
                reply.text += part
            if event.get("usage"):
                reply.read, reply.written = event["usage"]["prompt_tokens"], event["usage"]["completion_tokens"]
        reply.last = time.monotonic() - begun
    except (http.client.HTTPException, ValueError) as error:
        raise OSError(str(error)) from error
    finally:
        line.close()
    return reply
