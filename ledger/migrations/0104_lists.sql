-- What each person's lists looked like when they left them, and the filters they saved by name.
-- An address holds filters, a shown list holds streams: nothing personal.

CREATE TABLE desk.list_shown (
    login     text NOT NULL REFERENCES desk.credential ON DELETE CASCADE,
    id        text NOT NULL,
    address   text NOT NULL CHECK (length(address) <= 2000),
    streams   text[] NOT NULL,
    shown_at  timestamptz NOT NULL,
    PRIMARY KEY (login, id)
);
CREATE INDEX list_shown_at ON desk.list_shown (login, shown_at);

CREATE TABLE desk.list_saved (
    login    text NOT NULL REFERENCES desk.credential ON DELETE CASCADE,
    name     text NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
    address  text NOT NULL CHECK (length(address) <= 2000),
    PRIMARY KEY (login, name)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON desk.list_shown, desk.list_saved TO evercase_app;
