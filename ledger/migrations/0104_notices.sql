-- Which notices somebody has cleared from their own bell. A notice that comes anew is told anew.

CREATE TABLE desk.notice_cleared (
    login     text NOT NULL REFERENCES desk.credential ON DELETE CASCADE,
    notice    text NOT NULL,
    position  bigint NOT NULL,
    PRIMARY KEY (login, notice)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON desk.notice_cleared TO evercase_app;
