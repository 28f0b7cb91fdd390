"""The domain imports pydantic and the standard library, and reads no clock and no chance."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

FILES = sorted((Path(__file__).parents[2] / "domain").glob("**/*.py"))
IMPURE = {"random", "secrets", "os", "socket", "subprocess", "time", "threading", "asyncio"}
READS_A_CLOCK = {"now", "utcnow", "today", "uuid1", "uuid4", "uuid7"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_is_pure(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Import(names=names):
                modules = [name.name for name in names]
            case ast.ImportFrom(module=str() as module):
                modules = [module]
            case ast.Call(func=ast.Attribute(attr=called)):
                assert called not in READS_A_CLOCK, f"{path.name}:{node.lineno}"
                continue
            case ast.Call(func=ast.Name(id=called)):
                assert called not in {"open", "print", "input", *READS_A_CLOCK}
                continue
            case _:
                continue
        for module in modules:
            top = module.partition(".")[0]
            allowed = top in {"domain", "pydantic", "pydantic_core", *sys.stdlib_module_names}
            assert allowed, f"{path.name} imports {module}"
            assert top not in IMPURE, f"{path.name} imports {module}"
