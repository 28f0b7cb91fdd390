-- What programs may do with a token, and where facts are sent to. Nothing here is a fact itself.

ALTER TABLE desk.token
    ADD COLUMN scopes text[] NOT NULL DEFAULT '{read,write,events}'
        CHECK (cardinality(scopes) > 0 AND scopes <@ '{read,write,events}'::text[]);

-- Its signing secret is derived from its id and generation, so none is kept.
CREATE TABLE desk.webhook (
    id          uuid PRIMARY KEY,
    login       text NOT NULL REFERENCES desk.credential ON DELETE CASCADE,
    url         text NOT NULL CHECK (length(url) BETWEEN 8 AND 500),
    types       text[] NOT NULL DEFAULT '{}',
    generation  integer NOT NULL DEFAULT 1,
    position    bigint NOT NULL CHECK (position >= 0),
    failures    integer NOT NULL DEFAULT 0,
    next_try_at timestamptz NOT NULL,
    paused_for  text,
    made_at     timestamptz NOT NULL
);
CREATE INDEX webhook_login ON desk.webhook (login);

CREATE TABLE desk.webhook_delivery (
    id        uuid PRIMARY KEY,
    webhook   uuid NOT NULL REFERENCES desk.webhook ON DELETE CASCADE,
    message   text NOT NULL,
    first     bigint NOT NULL,
    last      bigint NOT NULL,
    events    integer NOT NULL,
    at        timestamptz NOT NULL,
    took_ms   integer NOT NULL,
    status    integer,
    trouble   text
);
CREATE INDEX webhook_delivery_webhook ON desk.webhook_delivery (webhook, at DESC);

GRANT SELECT, INSERT, UPDATE, DELETE ON desk.webhook, desk.webhook_delivery TO evercase_app;
