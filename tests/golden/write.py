"""Write the golden files that are missing; never touch one that is there."""

from __future__ import annotations

import json
import sys
from base64 import b64decode
from pathlib import Path
from uuid import UUID

FOLDER = Path(__file__).parent
sys.path[:0] = [str(FOLDER.parent / "ledger"), str(FOLDER.parent.parent)]

from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: E402
from shapes import every_event_class, sample_model  # noqa: E402

from domain.event import Event  # noqa: E402
from domain.personal import ENCRYPTED, Personal, clear_text  # noqa: E402
from ledger.holding import replace_boxes  # noqa: E402
from ledger.keys import SubjectKey, encrypt  # noqa: E402
from ledger.mapper import to_json  # noqa: E402

VERSION = 4


def golden(event: Event, key: SubjectKey) -> dict[str, object]:
    """What is kept of one event: where it stood, its body, and the texts in it."""
    stream = f"golden-{event.type_name}"
    texts: list[str] = []

    def put(box: Personal, path: str) -> dict[str, str]:
        text = clear_text(box)
        assert text is not None
        texts.append(text)
        return {ENCRYPTED: encrypt(key, text, stream, VERSION, path)}

    data = event.model_dump(exclude={"at"})
    return {
        "type": event.type_name,
        "schema": event.schema_version,
        "stream": stream,
        "version": VERSION,
        "occurred_at": event.at.isoformat(),
        "body": json.loads(to_json(replace_boxes(data, put))),
        "personal": texts,
    }


def main() -> None:
    kept = json.loads((FOLDER / "key.json").read_text())
    key = SubjectKey(UUID(kept["id"]), kept["subject"], AESGCM(b64decode(kept["data"])))
    for name, kind in every_event_class().items():
        file = FOLDER / f"{name}.v{kind.schema_version}.json"
        if not file.exists():
            told = golden(sample_model(kind), key)
            file.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n")
            print(file.name)


if __name__ == "__main__":
    main()
