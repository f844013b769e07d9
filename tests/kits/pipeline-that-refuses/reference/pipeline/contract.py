"""The contract with the sender: one file that the checks and the sender's program read."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

UNITS = {"0.1 degC": (0.1, 0.0), "degC": (1.0, 0.0), "0.1 degF": (0.1, 32.0), "degF": (1.0, 32.0), "0.1 mm": (0.1, 0.0), "mm": (1.0, 0.0)}
"""Size of a step and where zero lies; a Fahrenheit step is five ninths of a degree Celsius."""


@dataclass(frozen=True)
class Contract:
    """What was agreed, under which version, and by whom."""

    terms: dict[str, Any]
    digest: str

    @classmethod
    def read(cls, path: Path) -> Contract:
        """Read a contract; raises SystemExit when its version has no line that says who agreed."""
        text = path.read_text(encoding="utf-8")
        terms = json.loads(text)
        if not any(change["version"] == terms["version"] and change["agreed"].strip() for change in terms["changes"]):
            raise SystemExit(f"{path}: version {terms['version']} has no line in changes that says who agreed")
        canonical = json.dumps(terms, sort_keys=True)
        return cls(terms, hashlib.sha256(canonical.encode()).hexdigest())

    @property
    def version(self) -> int:
        """The version."""
        return int(self.terms["version"])

    def metric(self, element: str, sent: float) -> float:
        """A value in degrees Celsius or millimetres."""
        unit = self.terms["elements"][element]["unit"]
        step, zero = UNITS[unit]
        value = sent * step - zero
        return value / 1.8 if unit.endswith("degF") else value
