-- What somebody has typed and not sent: one per person, case and box. No fact; encrypted with the
-- key of the customer it is about, and gone with it.

CREATE SEQUENCE desk.draft_edition;
CREATE TABLE desk.draft (
    staff     text NOT NULL,
    stream    text NOT NULL,
    box       text NOT NULL,
    subject   text NOT NULL,
    words     text NOT NULL,
    form      uuid NOT NULL,
    edition   bigint NOT NULL,
    version   bigint NOT NULL,
    saved_at  timestamptz NOT NULL,
    PRIMARY KEY (staff, stream, box)
);
CREATE INDEX draft_subject ON desk.draft (subject);
GRANT SELECT, INSERT, UPDATE, DELETE ON desk.draft TO evercase_app;
GRANT USAGE ON SEQUENCE desk.draft_edition TO evercase_app;

-- Whoever saves waits for an erasure under way, and keeps nothing after it.
CREATE FUNCTION desk.refuse_erased() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM FROM keys.subject s
        WHERE s.subject = NEW.subject AND s.wrapped IS NOT NULL FOR SHARE;
    RETURN CASE WHEN FOUND THEN NEW END;
END $$;
CREATE TRIGGER refuse_erased BEFORE INSERT OR UPDATE ON desk.draft
    FOR EACH ROW EXECUTE FUNCTION desk.refuse_erased();

CREATE FUNCTION desk.erase_drafts() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    DELETE FROM desk.draft d WHERE d.subject = NEW.subject;
    RETURN NULL;
END $$;
CREATE TRIGGER erase_drafts AFTER UPDATE OF wrapped ON keys.subject
    FOR EACH ROW WHEN (NEW.wrapped IS NULL) EXECUTE FUNCTION desk.erase_drafts();

REVOKE ALL ON FUNCTION desk.refuse_erased, desk.erase_drafts FROM PUBLIC;
