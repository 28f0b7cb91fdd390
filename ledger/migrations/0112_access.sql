-- What people see of their own sessions, and the second factor of a login. Nothing here is a fact.

ALTER TABLE desk.session
    ADD COLUMN id         uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE,
    ADD COLUMN address    text NOT NULL DEFAULT '',
    ADD COLUMN agent      text NOT NULL DEFAULT '' CHECK (length(agent) <= 300),
    ADD COLUMN proved_at  timestamptz;
UPDATE desk.session SET proved_at = started_at;
ALTER TABLE desk.session ALTER COLUMN proved_at SET NOT NULL;

-- The secret is wrapped with the master key, which is never here. Unconfirmed, it asks for nothing.
CREATE TABLE desk.second_factor (
    login         text PRIMARY KEY REFERENCES desk.credential ON DELETE CASCADE,
    secret        bytea NOT NULL,
    begun_at      timestamptz NOT NULL,
    confirmed_at  timestamptz,
    last_step     bigint NOT NULL DEFAULT 0
);
COMMENT ON COLUMN desk.second_factor.last_step IS 'no code of this time step or an earlier one is taken';

-- Only hashes are kept; each is deleted on its use.
CREATE TABLE desk.recovery_code (
    code_hash  bytea PRIMARY KEY,
    login      text NOT NULL REFERENCES desk.second_factor ON DELETE CASCADE
);
CREATE INDEX recovery_code_login ON desk.recovery_code (login);

GRANT SELECT, INSERT, UPDATE, DELETE ON desk.second_factor, desk.recovery_code TO evercase_app;
