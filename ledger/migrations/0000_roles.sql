-- The four roles, for the embedded stack and for production alike. Run by whoever may create roles;
-- running it again changes nothing. Passwords are set apart (they are never in a file).
DO $$
BEGIN
    IF to_regrole('evercase_owner') IS NULL THEN CREATE ROLE evercase_owner NOLOGIN; END IF;
    IF to_regrole('evercase_read') IS NULL THEN CREATE ROLE evercase_read NOLOGIN; END IF;
    -- NOINHERIT: whoever migrates owns nothing until it says SET ROLE.
    IF to_regrole('evercase_migrate') IS NULL THEN CREATE ROLE evercase_migrate LOGIN NOINHERIT; END IF;
    IF to_regrole('evercase_app') IS NULL THEN CREATE ROLE evercase_app LOGIN; END IF;
    IF NOT pg_has_role('evercase_migrate', 'evercase_owner', 'MEMBER') THEN
        GRANT evercase_owner TO evercase_migrate;
    END IF;
    IF NOT pg_has_role('evercase_owner', 'evercase_read', 'MEMBER') THEN
        GRANT evercase_read TO evercase_owner;
    END IF;
    IF NOT pg_has_role('evercase_app', 'evercase_read', 'MEMBER') THEN
        GRANT evercase_read TO evercase_app;
    END IF;
    IF NOT has_database_privilege('evercase_owner', current_database(), 'CREATE') THEN
        EXECUTE format('GRANT CREATE ON DATABASE %I TO evercase_owner', current_database());
    END IF;
END $$;
