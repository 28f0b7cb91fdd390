-- On which day somebody was shown their evening when they logged out. Nothing here is a fact.

CREATE TABLE desk.evening_shown (
    login  text PRIMARY KEY REFERENCES desk.credential ON DELETE CASCADE,
    day    date NOT NULL
);

GRANT SELECT, INSERT, UPDATE, DELETE ON desk.evening_shown TO evercase_app;
