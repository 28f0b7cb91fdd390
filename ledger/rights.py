"""No process runs with rights that could change the log unseen."""

from __future__ import annotations

from typing import Any, Final

import psycopg

from ledger.errors import TooManyRights

_ROLES: Final = """
SELECT r.rolname, r.rolsuper, r.rolcreaterole, r.rolreplication, r.rolbypassrls
FROM pg_catalog.pg_roles r WHERE r.rolname IN (session_user, current_user)
"""

_MEMBER: Final = """
SELECT g.rolname FROM pg_catalog.pg_roles g
WHERE g.rolname IN ('evercase_owner', 'evercase_migrate', 'pg_write_all_data',
                    'pg_write_server_files', 'pg_execute_server_program', 'pg_maintain')
AND (pg_has_role(session_user, g.oid, 'MEMBER') OR pg_has_role(current_user, g.oid, 'MEMBER'))
"""

_WRITES: Final = """
SELECT format('%I.%I', n.nspname, c.relname), right_name
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace,
unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER']) AS right_name
WHERE n.nspname IN ('ledger', 'keys') AND c.relkind = 'r'
AND CASE WHEN right_name IN ('INSERT', 'UPDATE')
    THEN has_any_column_privilege(c.oid, right_name)
    ELSE has_table_privilege(c.oid, right_name) END
"""

_CREATES: Final = """
SELECT n.nspname FROM pg_catalog.pg_namespace n
WHERE n.nspname IN ('ledger', 'keys') AND has_schema_privilege(n.oid, 'CREATE')
"""

_TRIGGERS: Final = """
SELECT count(*) FROM pg_catalog.pg_trigger t
JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'ledger' AND c.relname IN ('event', 'command')
AND t.tgname IN ('no_change', 'no_truncate') AND t.tgenabled = 'A'
"""


def excess_rights(connection: psycopg.Connection[Any]) -> list[str]:
    """What this login could do to the log, in words; empty where it can only append."""
    reasons: list[str] = []
    for name, *powers in connection.execute(_ROLES):
        words = ("a superuser", "allowed to make roles", "a replication role", "above row security")
        reasons += [f"{name} is {word}" for word, has in zip(words, powers, strict=True) if has]
    reasons += [f"this login is a member of {row[0]}" for row in connection.execute(_MEMBER)]
    reasons += [f"this login may {row[1]} on {row[0]}" for row in connection.execute(_WRITES)]
    reasons += [f"this login may create in {row[0]}" for row in connection.execute(_CREATES)]
    found = connection.execute(_TRIGGERS).fetchone()
    if found is None or found[0] != 4:
        reasons.append("the triggers that refuse changes to the log are not all in force")
    return reasons


def refuse_to_run_with_rights(connection: psycopg.Connection[Any]) -> None:
    """For every start and for ``doctor``. Raises ``TooManyRights``."""
    reasons = excess_rights(connection)
    if reasons:
        raise TooManyRights(reasons)
