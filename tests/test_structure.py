"""What import-linter cannot say of one file and another in different folders."""

from __future__ import annotations

from graphlib import TopologicalSorter

import grimp


def test_no_files_import_each_other_in_circles() -> None:
    """Also not for types only: two files that need each other are one thing, or three."""
    rooms = ("domain", "ledger", "projections", "workflows", "desk", "workers")
    graph = grimp.build_graph(*rooms)
    sorter = TopologicalSorter(
        {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    )
    assert len(list(sorter.static_order())) > 300
