-- A code that sets a password once. Only its hash is kept: who reads this table cannot use it.
CREATE TABLE desk.invitation (
    code_hash   bytea PRIMARY KEY,
    login       text NOT NULL UNIQUE CHECK (login = lower(login) AND length(login) BETWEEN 1 AND 64),
    staff       text NOT NULL,
    language    text NOT NULL CHECK (language IN ('en', 'zh')),
    expires_at  timestamptz NOT NULL
);

GRANT SELECT, INSERT, UPDATE, DELETE ON desk.invitation TO evercase_app;
