-- Measures of the desk that a business may change, and who searched for people when (not for whom).

CREATE TABLE desk.bound (
    name    text PRIMARY KEY,
    most    integer CHECK (most > 0),
    within  interval NOT NULL CHECK (within > interval '0')
);
INSERT INTO desk.bound (name, most, within) VALUES
    ('person_search', 60, interval '10 minutes'),
    ('entered_late', NULL, interval '1 hour');

CREATE TABLE desk.person_search (
    staff  text NOT NULL,
    at     timestamptz NOT NULL
);
CREATE INDEX person_search_staff ON desk.person_search (staff, at);

GRANT SELECT, INSERT, UPDATE, DELETE ON desk.bound, desk.person_search TO evercase_app;
