-- The bytes of attachments, encrypted under their subject's key and named by the digest of what
-- lies here. Beside the log, so that one backup holds both; whoever runs the house may add to it
-- and read it, and change nothing.

CREATE SCHEMA files AUTHORIZATION evercase_owner;
GRANT USAGE ON SCHEMA files TO evercase_app;

CREATE TABLE files.file (
    digest   bytea PRIMARY KEY CHECK (digest = sha256(data)),
    key_id   uuid NOT NULL,
    data     bytea NOT NULL CHECK (octet_length(data) <= 67108864),
    kept_at  timestamptz NOT NULL DEFAULT clock_timestamp()
);
-- What is encrypted does not shrink.
ALTER TABLE files.file ALTER COLUMN data SET STORAGE EXTERNAL;

GRANT SELECT, INSERT ON files.file TO evercase_app;
