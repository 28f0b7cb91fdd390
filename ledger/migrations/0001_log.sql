-- The log of facts, its commands, and the one function that adds to them.

REVOKE ALL ON SCHEMA ledger FROM PUBLIC;
GRANT USAGE ON SCHEMA ledger TO evercase_app;

CREATE TABLE ledger.event (
    position bigint PRIMARY KEY CHECK (position > 0),
    stream text NOT NULL,
    version bigint NOT NULL CHECK (version > 0),
    type text NOT NULL,
    schema smallint NOT NULL,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    command_id uuid NOT NULL,
    meta json NOT NULL,
    body json NOT NULL,
    UNIQUE (stream, version)
);

CREATE TABLE ledger.command (
    id uuid PRIMARY KEY,
    digest bytea NOT NULL,
    first bigint,
    last bigint,
    recorded_at timestamptz NOT NULL
);

-- Personal data: one key per subject, wrapped with the master key; NULL once destroyed.
CREATE SCHEMA keys AUTHORIZATION evercase_owner;
REVOKE ALL ON SCHEMA keys FROM PUBLIC;
GRANT USAGE ON SCHEMA keys TO evercase_app;

CREATE TABLE keys.subject (
    subject text PRIMARY KEY,
    id uuid NOT NULL UNIQUE,
    wrapped bytea,
    made_at timestamptz NOT NULL,
    destroyed_at timestamptz,
    CHECK ((wrapped IS NULL) = (destroyed_at IS NOT NULL))
);

-- Every opener compares it before it opens: raised whenever a key is destroyed.
CREATE TABLE keys.epoch (one boolean PRIMARY KEY DEFAULT true CHECK (one), epoch bigint NOT NULL);
INSERT INTO keys.epoch (epoch) VALUES (1);

-- Secrets of the ledger itself (digests of commands, blind index), wrapped with the master key.
CREATE TABLE keys.secret (purpose text PRIMARY KEY, wrapped bytea NOT NULL);

CREATE TABLE keys.blind (
    purpose text NOT NULL,
    term bytea NOT NULL,
    subject text NOT NULL,
    PRIMARY KEY (purpose, term, subject)
);
CREATE INDEX blind_subject ON keys.blind (subject, purpose);


-- What a command that encrypted with this key may become, as the keys stand now.
CREATE FUNCTION ledger.key_outcome(of_subject text, used_id uuid, made bytea) RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE
    kept record;
BEGIN
    SELECT s.id, s.wrapped INTO kept FROM keys.subject s WHERE s.subject = of_subject;
    RETURN CASE
        WHEN kept.id IS NULL THEN CASE WHEN made IS NULL THEN 'stale' ELSE 'stored' END
        WHEN kept.wrapped IS NULL THEN 'erased'
        WHEN kept.id <> used_id THEN 'stale'
        ELSE 'stored' END;
END $$;

CREATE FUNCTION ledger.keep_keys(subjects text[], ids uuid[], wraps bytea[], stamp timestamptz)
RETURNS void LANGUAGE sql VOLATILE AS $$
    INSERT INTO keys.subject (subject, id, wrapped, made_at)
    SELECT u.subject, u.id, u.wrapped, stamp FROM unnest(subjects, ids, wraps)
        AS u (subject, id, wrapped) WHERE u.wrapped IS NOT NULL
    ON CONFLICT (subject) DO NOTHING
$$;


-- Appends what the commands of one batch decided, in order, in one flush.
--
-- command_*: one row per command. write: false where the rules refused it (look only).
-- read_*:    every stream a command was decided on, with the version seen; NULL where it was seen
--            as an earlier command of this batch left it. Ascending by command.
-- event_*:   the facts, ascending by command.
-- key_*:     the subject keys a command encrypted with; wrapped where it made the key.
--
-- One row per command: stored | repeated (same id, same digest: the first answer) | misused (same
-- id, another digest) | stale (a stream moved on; nothing stored) | erased (a key is destroyed)
-- | current (a refusal, on streams that are as they were seen).
CREATE FUNCTION ledger.append(
    command_id uuid[], command_digest bytea[], command_write boolean[],
    read_command integer[], read_stream text[], read_version bigint[],
    event_command integer[], event_stream text[], event_version bigint[], event_type text[],
    event_schema smallint[], event_occurred timestamptz[], event_meta bytea[], event_body bytea[],
    key_command integer[], key_subject text[], key_id uuid[], key_wrapped bytea[]
)
RETURNS TABLE (outcome text, first bigint, last bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
-- A plan made while the tables were empty would be kept for ever.
SET enable_seqscan = off
SET enable_bitmapscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    commands CONSTANT integer := cardinality(command_id);
    base bigint;
    stamp timestamptz;
    started bigint;
    clean boolean;
    known record;
    tainted text[] := '{}';
    mine text[];
    r integer := 1;
    e integer := 1;
    k integer := 1;
    r0 integer;
    e0 integer;
    k0 integer;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'append needs read committed' USING ERRCODE = 'invalid_transaction_state';
    END IF;
    PERFORM pg_advisory_xact_lock(7305504);
    SELECT o.position, o.recorded_at INTO base, stamp
        FROM ledger.event o ORDER BY o.position DESC LIMIT 1;
    base := coalesce(base, 0);
    stamp := greatest(clock_timestamp(), stamp);
    started := base;

    clean := NOT EXISTS (SELECT FROM ledger.command c WHERE c.id = ANY (command_id))
        AND (SELECT count(DISTINCT u) FROM unnest(command_id) u) = commands
        AND NOT EXISTS (
            SELECT FROM unnest(read_stream, read_version) AS s (stream, version)
            WHERE s.version IS NOT NULL AND s.version <> coalesce(
                (SELECT o.version FROM ledger.event o WHERE o.stream = s.stream
                 ORDER BY o.version DESC LIMIT 1), 0))
        AND NOT EXISTS (
            SELECT FROM unnest(key_subject, key_id, key_wrapped) AS s (subject, id, wrapped)
            WHERE ledger.key_outcome(s.subject, s.id, s.wrapped) <> 'stored');

    IF clean THEN
        IF cardinality(key_id) > 0 THEN
            PERFORM ledger.keep_keys(key_subject, key_id, key_wrapped, stamp);
        END IF;
        INSERT INTO ledger.event
            SELECT base + u.n, u.stream, u.version, u.type, u.schema, u.occurred, stamp,
                   command_id[u.command], convert_from(u.meta, 'UTF8')::json,
                   convert_from(u.body, 'UTF8')::json
            FROM unnest(event_command, event_stream, event_version, event_type, event_schema,
                        event_occurred, event_meta, event_body) WITH ORDINALITY
                 AS u (command, stream, version, type, schema, occurred, meta, body, n);
        RETURN QUERY
            WITH written AS (
                SELECT u.command, base + min(u.n) AS first, base + max(u.n) AS last
                FROM unnest(event_command) WITH ORDINALITY AS u (command, n) GROUP BY u.command
            ), answer AS (
                SELECT c.n, c.id, c.digest, c.write, w.first, w.last
                FROM unnest(command_id, command_digest, command_write) WITH ORDINALITY
                     AS c (id, digest, write, n)
                LEFT JOIN written w ON w.command = c.n
            ), kept AS (
                INSERT INTO ledger.command
                SELECT a.id, a.digest, a.first, a.last, stamp FROM answer a WHERE a.write
            )
            SELECT CASE WHEN a.write THEN 'stored' ELSE 'current' END, a.first, a.last
            FROM answer a ORDER BY a.n;
        base := base + cardinality(event_command);
    ELSE
        FOR c IN 1 .. commands LOOP
            r0 := r; WHILE read_command[r] = c LOOP r := r + 1; END LOOP;
            e0 := e; WHILE event_command[e] = c LOOP e := e + 1; END LOOP;
            k0 := k; WHILE key_command[k] = c LOOP k := k + 1; END LOOP;
            mine := read_stream[r0 : r - 1];
            first := NULL; last := NULL;
            SELECT * INTO known FROM ledger.command o WHERE o.id = command_id[c];
            IF FOUND THEN
                outcome := CASE WHEN known.digest = command_digest[c]
                                THEN 'repeated' ELSE 'misused' END;
                first := known.first; last := known.last;
            ELSIF mine && tainted OR EXISTS (
                SELECT FROM unnest(mine, read_version[r0 : r - 1]) AS s (stream, version)
                WHERE s.version IS NOT NULL AND s.version <> coalesce(
                    (SELECT o.version FROM ledger.event o WHERE o.stream = s.stream
                     ORDER BY o.version DESC LIMIT 1), 0))
            THEN
                outcome := 'stale';
            ELSIF NOT command_write[c] THEN
                outcome := 'current';
            ELSE
                SELECT coalesce(min(o.found), 'stored') INTO outcome
                FROM unnest(key_subject[k0 : k - 1], key_id[k0 : k - 1], key_wrapped[k0 : k - 1])
                         AS s (subject, id, wrapped),
                     LATERAL ledger.key_outcome(s.subject, s.id, s.wrapped) AS o (found)
                WHERE o.found <> 'stored';
            END IF;
            IF outcome = 'stored' THEN
                PERFORM ledger.keep_keys(
                    key_subject[k0 : k - 1], key_id[k0 : k - 1], key_wrapped[k0 : k - 1], stamp);
                IF e > e0 THEN
                    first := base + 1; last := base + e - e0; base := last;
                END IF;
                INSERT INTO ledger.event
                    SELECT append.first + i - e0, event_stream[i], event_version[i], event_type[i],
                           event_schema[i], event_occurred[i], stamp, command_id[c],
                           convert_from(event_meta[i], 'UTF8')::json,
                           convert_from(event_body[i], 'UTF8')::json
                    FROM generate_series(e0, e - 1) i;
                INSERT INTO ledger.command
                    VALUES (command_id[c], command_digest[c], append.first, append.last, stamp);
            ELSIF outcome <> 'current' THEN
                tainted := tainted || mine;
            END IF;
            RETURN NEXT;
        END LOOP;
    END IF;
    IF base > started THEN
        PERFORM pg_notify('evercase_log', base::text);
    END IF;
END $$;



-- Destroys a subject's key in the transaction of the fact that says so. The append of that fact
-- comes first, so that it holds the lock of the log; a repeat destroys nothing twice.
CREATE FUNCTION ledger.destroy_key(
    of_subject text, id uuid, digest bytea, of_stream text, of_type text, of_schema smallint,
    occurred timestamptz, meta bytea, body bytea
)
RETURNS TABLE (outcome text, first bigint, last bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN QUERY SELECT * FROM ledger.append(
        ARRAY[id], ARRAY[digest], ARRAY[true], ARRAY[1], ARRAY[of_stream], ARRAY[0::bigint],
        ARRAY[1], ARRAY[of_stream], ARRAY[1::bigint], ARRAY[of_type], ARRAY[of_schema],
        ARRAY[occurred], ARRAY[meta], ARRAY[body],
        '{}'::integer[], '{}'::text[], '{}'::uuid[], '{}'::bytea[]);
    -- A subject that never had a key gets none from now on either.
    INSERT INTO keys.subject AS s (subject, id, wrapped, made_at, destroyed_at)
        SELECT of_subject, gen_random_uuid(), NULL, o.recorded_at, o.recorded_at
        FROM ledger.event o WHERE o.stream = of_stream AND o.version = 1
        ON CONFLICT (subject) DO UPDATE SET wrapped = NULL, destroyed_at = excluded.destroyed_at
        WHERE s.wrapped IS NOT NULL;
    IF FOUND THEN
        UPDATE keys.epoch SET epoch = epoch + 1;
        DELETE FROM keys.blind b WHERE b.subject = of_subject;
    END IF;
END $$;


-- Keeps a secret of the ledger if there is none for this purpose; answers the one that stands.
CREATE FUNCTION keys.keep_secret(of_purpose text, made bytea) RETURNS bytea
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO keys.secret VALUES (of_purpose, made) ON CONFLICT DO NOTHING;
    RETURN (SELECT s.wrapped FROM keys.secret s WHERE s.purpose = of_purpose);
END $$;


-- What subjects are found by. ``replaced`` pairs lose their old terms first; a subject whose key
-- is destroyed (before, or while we wait for it) gets none.
CREATE FUNCTION keys.index_terms(
    replaced_purpose text[], replaced_subject text[],
    purposes text[], terms bytea[], subjects text[]
)
RETURNS void LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    alive text[];
BEGIN
    alive := ARRAY(SELECT s.subject FROM keys.subject s
                   WHERE s.subject = ANY (subjects) AND s.wrapped IS NOT NULL
                   ORDER BY s.subject FOR SHARE);
    DELETE FROM keys.blind b USING unnest(replaced_purpose, replaced_subject) AS u (purpose, subject)
        WHERE b.purpose = u.purpose AND b.subject = u.subject;
    INSERT INTO keys.blind
        SELECT u.purpose, u.term, u.subject FROM unnest(purposes, terms, subjects)
            AS u (purpose, term, subject) WHERE u.subject = ANY (alive)
        ON CONFLICT DO NOTHING;
END $$;


-- Numbers that people see: one sequence per kind; gaps are allowed.
CREATE SEQUENCE ledger.number_complaint;
CREATE SEQUENCE ledger.number_customer;
CREATE SEQUENCE ledger.number_deal;
CREATE SEQUENCE ledger.number_retention;
CREATE SEQUENCE ledger.number_letter;


-- Facts are not changed, not even by their owner.
CREATE FUNCTION ledger.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on %.% is refused: facts are only added', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER no_change BEFORE UPDATE OR DELETE ON ledger.event
    FOR EACH ROW EXECUTE FUNCTION ledger.refuse();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON ledger.event
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse();
CREATE TRIGGER no_change BEFORE UPDATE OR DELETE ON ledger.command
    FOR EACH ROW EXECUTE FUNCTION ledger.refuse();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON ledger.command
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse();
ALTER TABLE ledger.event ENABLE ALWAYS TRIGGER no_change;
ALTER TABLE ledger.event ENABLE ALWAYS TRIGGER no_truncate;
ALTER TABLE ledger.command ENABLE ALWAYS TRIGGER no_change;
ALTER TABLE ledger.command ENABLE ALWAYS TRIGGER no_truncate;


REVOKE ALL ON ALL TABLES IN SCHEMA ledger, keys FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA ledger, keys FROM PUBLIC;
GRANT SELECT ON ALL TABLES IN SCHEMA ledger, keys TO evercase_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA ledger TO evercase_app;
GRANT EXECUTE ON FUNCTION ledger.append, ledger.destroy_key, keys.keep_secret, keys.index_terms
    TO evercase_app;
