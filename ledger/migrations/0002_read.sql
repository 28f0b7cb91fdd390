-- What is derived from the log: read models (made by their own code), how far each follower is,
-- what it could not take, and which build readers use. And a schema for the desk's own things.

CREATE SCHEMA read AUTHORIZATION evercase_read;
CREATE SCHEMA desk AUTHORIZATION evercase_owner;
GRANT USAGE ON SCHEMA desk TO evercase_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA desk GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO evercase_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA desk GRANT USAGE ON SEQUENCES TO evercase_app;

SET LOCAL ROLE evercase_read;

CREATE TABLE read.position (
    name text NOT NULL,
    build integer NOT NULL,
    position bigint NOT NULL DEFAULT 0,
    moved_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    stopped_by text,
    PRIMARY KEY (name, build)
);

CREATE TABLE read.parked (
    name text NOT NULL,
    build integer NOT NULL,
    position bigint NOT NULL,
    error text NOT NULL,
    parked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    retry boolean NOT NULL DEFAULT false,
    PRIMARY KEY (name, build, position)
);

CREATE TABLE read.live (name text PRIMARY KEY, build integer NOT NULL);
