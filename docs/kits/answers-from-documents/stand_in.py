"""A stand-in for a language model: a small chat server with recorded answers, behind the interface that real ones offer.

python acceptance/stand_in.py DATA --port 8080 [--mode late]      DATA is the folder of `fetch.py --sample`

It knows the questions and the line that answers each. It answers when that line is among the passages of the prompt. Otherwise it
refuses, or invents, as the question's hash decides; nothing is left to chance. Some first replies are off the schema.
It understands nothing: no figure that you measure with it says how good a real model is.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import re
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from sample import HEADER, Question, read_questions

MODES = {
    "usual": "of 100 questions 12 need a second try, 2 stay off the schema, 6 get a wrong answer; half of what fits nothing is invented",
    "plain": "always on the schema, and never wrong when the passage is there",
    "once": "the first reply to each question is off the schema",
    "never": "every reply is off the schema",
    "invent": "the quotation stands in no passage",
    "foreign": "the quotation is right, and names a passage that was not in the prompt",
    "slow": "the first word comes after 20 seconds",
    "trickle": "a few letters every 0.4 seconds, for 20 seconds",
    "late": "a right passage that stands last is overlooked",
    "eager": "after an update: it never refuses, and quotes whatever is there",
}
SHAPES = ("prose", "half", "no-quotations", "refused-as-text")
PATIENCE = 6
"""Calls about one question after which even `never` gives in, so that an endless retry ends."""

PASSAGE = re.compile(r'<passage id="([^"]*)" page="([^"]*)" version="([^"]*)">\n?(.*?)</passage>', re.DOTALL)


def plain(text: str) -> str:
    """Text with single spaces."""
    return " ".join(text.split())


def tokens(text: str) -> int:
    """The stand-in's tokens: four letters each."""
    return len(text) // 4 + 1


@dataclass
class Call:
    """One call as it came in, and when the reply began and ended, in seconds."""

    prompt: str
    limit: Any
    streamed: bool
    key: tuple[str, str]
    first: float = 0.0
    last: float = 0.0
    read: int = 0
    written: int = 0


@dataclass
class StandIn:
    """The recorded answers, the mode, and a log of all calls."""

    questions: Sequence[Question]
    mode: str = "usual"
    shape: str = "prose"
    prefill: float = 0.0
    decode: float = 0.0
    calls: list[Call] = field(default_factory=list)
    port: int = 0
    closing: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        """Find recorded answers by the last turn and the question."""
        self.known = {(plain(one.turns[-1].question) if one.turns else "", plain(one.question)): one for one in self.questions}

    def key(self, prompt: str) -> tuple[str, str]:
        """The last turn and the question of a prompt."""
        asked = re.findall(r"<question>(.*?)</question>", prompt, re.DOTALL)
        turns = re.findall(r"<turn>(.*?)</turn>", prompt, re.DOTALL)
        return (plain(turns[-1]) if turns else "", plain(asked[-1]) if asked else "")

    def reply(self, call: Call) -> str:
        """What the model says."""
        tries = sum(other.key == call.key for other in self.calls)
        lot = int(hashlib.sha256("|".join(call.key).encode()).hexdigest(), 16) % 100
        off = (self.mode == "usual" and ((lot < 12 and tries == 1) or 12 <= lot < 14)) or (self.mode == "once" and tries == 1)
        found = self.find(call, lot)
        if off or (self.mode == "never" and tries < PATIENCE):
            return self.off_schema(found)
        return json.dumps(found)

    def find(self, call: Call, lot: int) -> dict[str, Any]:
        """The reply on the schema."""
        passages = PASSAGE.findall(call.prompt)
        question = self.known.get(call.key)
        if question and question.line:
            for place, (id_, page, version, text) in enumerate(passages):
                rows = [plain(row) for row in text.splitlines()]
                if page != question.page or version != question.version or plain(question.line) not in rows:
                    continue
                if self.mode == "late" and place and place == len(passages) - 1:
                    break
                row = question.line.startswith("|")
                value = question.line.split("|")[2].strip() if row and HEADER not in rows else question.answer
                if self.mode == "usual" and 14 <= lot < 20:
                    value = "42, or thereabouts"
                if self.mode == "invent":
                    return told(f"It is {value}.", id_, f"As everybody knows, it has always been {value}.")
                return told(f"It is {value}.", "elsewhere#1" if self.mode == "foreign" else id_, question.line)
        if (self.mode == "eager" and passages) or (self.mode == "usual" and passages and 20 <= lot < 24):
            return told("It is 42.", passages[0][0], plain(passages[0][3].strip().splitlines()[-1]))
        if (self.mode == "usual" and passages and 24 <= lot < 70) or self.mode in ("invent", "foreign"):
            return told("It is 42.", passages[0][0] if passages else "elsewhere#1", "The default has been 42 since the beginning.")
        return {"answer": "", "quotations": [], "refused": True}

    def off_schema(self, found: dict[str, Any]) -> str:
        """The same, off the schema."""
        if self.shape == "half":
            return json.dumps(found)[:-9]
        if self.shape == "no-quotations":
            return json.dumps({"answer": found["answer"], "refused": found["refused"]})
        if self.shape == "refused-as-text":
            return json.dumps({**found, "refused": "no"})
        return f"Well, let me think. {found['answer'] or 'I do not know.'}"


def told(answer: str, passage: str, quotation: str) -> dict[str, Any]:
    """An answer with one quotation."""
    return {"answer": answer, "quotations": [{"passage": passage, "text": quotation}], "refused": False}


def handler(model: StandIn) -> type[BaseHTTPRequestHandler]:
    """The HTTP side of a stand-in."""

    class Chat(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def do_POST(self) -> None:
            """Answer one chat completion."""
            begun = time.monotonic()
            try:
                sent = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
                prompt = "\n".join(message["content"] for message in sent["messages"])
                limit = sent.get("max_tokens", sent.get("max_completion_tokens"))
            except (ValueError, KeyError, TypeError) as error:
                self.send_error(400, f"no chat completion: {error}")
                return
            if not self.path.endswith("/chat/completions"):
                self.send_error(404)
                return
            call = Call(prompt, limit, bool(sent.get("stream")), model.key(prompt))
            model.calls.append(call)
            text = model.reply(call)
            whole = isinstance(limit, int) and tokens(text) <= limit
            if isinstance(limit, int) and not whole:
                text = text[: limit * 4]
            call.read, call.written = tokens(prompt), tokens(text)
            with contextlib.suppress(OSError):
                self.speak(call, text, begun)

        def speak(self, call: Call, text: str, begun: float) -> None:
            """Send a reply at the stand-in's speed."""
            usage = {"prompt_tokens": call.read, "completion_tokens": call.written, "total_tokens": call.read + call.written}
            model.closing.wait(20 if model.mode == "slow" else model.prefill)
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream" if call.streamed else "application/json")
            self.end_headers()
            call.first = time.monotonic() - begun
            if call.streamed:
                middle = max(1, len(text) // 2)
                parts = [text[:middle], text[middle:]]
                if model.mode == "trickle":
                    parts = [text[at : at + len(text) // 50 + 1] for at in range(0, len(text), len(text) // 50 + 1)]
                for nth, part in enumerate(parts):
                    if nth:
                        model.closing.wait(0.4 if model.mode == "trickle" else model.decode)
                    self.event({"choices": [{"index": 0, "delta": {"content": part}, "finish_reason": None}]})
                self.event({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], "usage": usage})
                self.wfile.write(b"data: [DONE]\n\n")
            else:
                model.closing.wait(20 if model.mode == "trickle" else model.decode)
                message = {"role": "assistant", "content": text}
                self.wfile.write(
                    json.dumps({"choices": [{"index": 0, "message": message, "finish_reason": "stop"}], "usage": usage}).encode()
                )
            call.last = time.monotonic() - begun

        def event(self, value: object) -> None:
            """One event of a stream."""
            self.wfile.write(b"data: " + json.dumps(value).encode() + b"\n\n")
            self.wfile.flush()

    return Chat


@contextlib.contextmanager
def listening(model: StandIn, port: int = 0) -> Iterator[StandIn]:
    """The stand-in at http://127.0.0.1:port/v1 until the end of the block."""
    server = ThreadingHTTPServer(("127.0.0.1", port), handler(model))
    server.daemon_threads = True
    model.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield model
    finally:
        model.closing.set()
        server.shutdown()
        server.server_close()


def main(argv: Sequence[str] | None = None) -> int:
    """Play the model until interrupted."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--mode", choices=MODES, default="usual", help="; ".join(f"{name}: {what}" for name, what in MODES.items()))
    options = parser.parse_args(argv)
    with listening(StandIn(read_questions(options.data / "questions.jsonl"), options.mode), options.port) as model:
        print(f"MODEL_URL=http://127.0.0.1:{model.port}/v1  mode {model.mode}", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            model.closing.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
