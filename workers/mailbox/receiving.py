"""One mail into the log, once: first that it came, then, where it threads, into its case.

A mail that is received again after a crash goes on where the first time ended: the case it was
meant for stands in the first fact.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from threading import Lock
from uuid import UUID, uuid5

import structlog

from desk.filing import MAILBOX, NAMESPACE, id_of, put_into, words
from desk.keeping import Kept, keep
from domain.complaint import complaint
from domain.event import Actor, Context
from domain.inbound import Mail as State
from domain.inbound import ReceiveMail
from domain.inbound import mail as rules
from domain.letter import RecordDelivery
from domain.personal import Personal
from ledger import Ledger
from workers.mailbox.parsing import Mail, read
from workers.mailbox.route import Route, Router

log = structlog.get_logger()


@dataclass(frozen=True)
class Receiver:
    """``largest``: of a file that is kept, in bytes. Thread-safe: one mail at a time."""

    ledger: Ledger
    router: Router
    largest: int
    now: Callable[[], datetime]
    lock: Lock

    def receive(self, raw: bytes, sender: str, recipients: Sequence[str]) -> None:
        """Durable when it returns. Raises LedgerUnavailable and its like: it may come again."""
        mail = read(raw, sender)
        if self.router.ours(mail):
            mail.kind = "own"
        with self.lock:
            routes: dict[str, Route] = {}
            for recipient in recipients:
                route = self.router.route(mail, recipient)
                known = routes.get(route.legal_entity)
                if known is None or route.rank > known.rank:
                    routes[route.legal_entity] = route
            for route in routes.values():
                self._store(mail, raw, route)
            self._tell_bounces(mail)

    def _store(self, mail: Mail, raw: bytes, route: Route) -> None:
        stream = self._stream(mail, raw, route.legal_entity)
        fold = self.ledger.fold(rules, stream)
        if not fold.version:
            self.ledger.handle(rules, stream, self._command(mail, stream, route))
            fold = self.ledger.fold(rules, stream)
        state: State = fold.state
        if state.case is not None and state.waits is None and state.open:
            put_into(
                self.ledger,
                stream,
                state.case,
                id=id_of(stream, f"into {state.case}"),
                text=words(mail.headline, mail.text),
                handed=mail.files,
                actor=Actor(kind="customer", id=state.customer or ""),
                now=self.now(),
                largest=self.largest,
            )
        log.info("mail.received", mail=stream, case=state.case, kind=state.kind, new=fold.version)

    def _stream(self, mail: Mail, raw: bytes, entity: str) -> str:
        """The same for the same words under one Message-ID, else for the same bytes.

        Some senders give all their mails one id.
        """
        said = raw
        if mail.message_id:
            told = (mail.message_id, mail.sender, mail.headline, mail.text)
            said = "\0".join(told).encode()
        secret = self.ledger.keys.secret("identity of mails")
        keyed = sha256(secret + sha256(said).digest() + entity.encode()).hexdigest()
        return f"mail-{uuid5(NAMESPACE, keyed)}"

    def _command(self, mail: Mail, stream: str, route: Route) -> ReceiveMail:
        id = id_of(stream, "receive")
        threads = route.waits is None
        kept = Kept() if threads else self._keep(mail, stream, id)
        return ReceiveMail(
            command_id=id,
            at=self.now(),
            actor=MAILBOX,
            mail=stream,
            legal_entity=route.legal_entity,
            kind=mail.kind,
            customer=route.customer,
            case=route.case,
            waits=route.waits,
            sender=Personal(mail.shown_sender or mail.sender),
            headline=Personal(mail.headline),
            text=None if threads else Personal(mail.text),
            files=kept.files,
            left_out=kept.left_out,
        )

    def _keep(self, mail: Mail, stream: str, id: UUID) -> Kept:
        return keep(
            self.ledger,
            mail.files,
            subject=stream,
            stream=stream,
            command=id,
            largest=self.largest,
        )

    def _tell_bounces(self, mail: Mail) -> None:
        for case, letter in self.router.bounced(mail):
            command = RecordDelivery(
                command_id=id_of(case, f"bounced {letter}"),
                at=self.now(),
                actor=MAILBOX,
                letter=letter,
                sent=False,
                permanent=True,
            )
            self.ledger.handle(complaint, case, command, Context(correlation=case))
