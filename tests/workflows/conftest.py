"""Finds the case builders of the domain's tests, and drives real servers."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "domain"))
