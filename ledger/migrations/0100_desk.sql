-- What the desk needs to know who is there. Nothing here is a fact about a customer.

CREATE TABLE desk.credential (
    login          text PRIMARY KEY CHECK (login = lower(login) AND length(login) BETWEEN 1 AND 64),
    staff          text NOT NULL UNIQUE,
    password_hash  text NOT NULL,
    language       text NOT NULL DEFAULT 'en' CHECK (language IN ('en', 'zh')),
    changed_at     timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Only a hash of the cookie is kept: who reads this table cannot log in with it.
CREATE TABLE desk.session (
    token_hash  bytea PRIMARY KEY,
    login       text NOT NULL REFERENCES desk.credential ON DELETE CASCADE,
    started_at  timestamptz NOT NULL,
    seen_at     timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL
);
CREATE INDEX session_expires_at ON desk.session (expires_at);
CREATE INDEX session_login ON desk.session (login);

-- For programs: the JSON API takes them as bearer tokens.
CREATE TABLE desk.token (
    id          uuid PRIMARY KEY,
    token_hash  bytea NOT NULL UNIQUE,
    login       text NOT NULL REFERENCES desk.credential ON DELETE CASCADE,
    label       text NOT NULL CHECK (length(label) BETWEEN 1 AND 80),
    made_at     timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL
);
CREATE INDEX token_login ON desk.token (login);

-- Failed logins. The login is kept as an HMAC: people type passwords into the wrong box.
CREATE TABLE desk.login_failure (
    at          timestamptz NOT NULL,
    login_hash  bytea NOT NULL,
    address     text NOT NULL
);
CREATE INDEX login_failure_login ON desk.login_failure (login_hash, at);
CREATE INDEX login_failure_address ON desk.login_failure (address, at);

GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA desk TO evercase_app;
