-- Who is looking at which case just now, and who works without keys. Nothing here is a fact.

-- Gone after a crash, as everybody then is.
CREATE UNLOGGED TABLE desk.presence (
    page     uuid PRIMARY KEY,
    staff    text NOT NULL,
    stream   text NOT NULL,
    doing    text NOT NULL CHECK (doing IN ('reading', 'writing', 'noting')),
    seen_at  timestamptz NOT NULL
);
CREATE INDEX presence_seen_at ON desk.presence (seen_at);
GRANT SELECT, INSERT, UPDATE, DELETE ON desk.presence TO evercase_app;

ALTER TABLE desk.credential ADD COLUMN keys boolean NOT NULL DEFAULT true;
