-- The audit trail of what belongs to no authority, as an authority has its own. Nothing of it is ever changed. As sqlite/common/0004.

CREATE TABLE audit_entry (
    id        bigint PRIMARY KEY,
    at        bigint NOT NULL,
    principal words NOT NULL,
    act       words NOT NULL CHECK (act IN ('read', 'wrote', 'refused')),
    what      words NOT NULL,
    purpose   words,
    family    bytea,
    person    bytea,
    thing     words,
    sections  words NOT NULL,
    change    bigint,
    effects   bytea
);
CREATE INDEX audit_principal ON audit_entry (principal, id);
CREATE INDEX audit_at ON audit_entry (at);
GRANT SELECT, INSERT ON audit_entry TO hearth_app;

-- Writers take turns here too. A sequence would leave gaps, and its numbers need not be in the order in which they are committed.
CREATE FUNCTION next_audit_entry() RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    RETURN (SELECT COALESCE(MAX(id), 0) + 1 FROM hearth_common.audit_entry);
END
$$;
ALTER TABLE audit_entry ALTER id SET DEFAULT next_audit_entry();

CREATE TABLE audit_seal (
    number  bigint PRIMARY KEY,
    at      bigint NOT NULL,
    first   bigint NOT NULL,
    last    bigint NOT NULL,
    entries bytea NOT NULL,
    before  bytea,
    digest  bytea NOT NULL
);
GRANT SELECT, INSERT ON audit_seal TO hearth_app;
