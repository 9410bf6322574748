-- The audit trail, legal holds, retention, erasure, subject access and what corrections touched. Ids and codes: nothing here outlives
-- the erasure of what it is about. As sqlite/authority/0007.

-- Who read what, who wrote what, who was refused; in the order in which it was kept. No row of it is ever changed.
CREATE TABLE audit_entry (
    authority words NOT NULL DEFAULT this_authority(),
    id        bigint NOT NULL,
    at        bigint NOT NULL,
    principal words NOT NULL,
    act       words NOT NULL CHECK (act IN ('read', 'wrote', 'refused')),
    what      words NOT NULL,           -- the route with its gaps, or the change's words
    purpose   words,
    family    bytea,
    person    bytea,
    thing     words,                    -- of the family, as kind/id
    sections  words NOT NULL,           -- that were shown: codes with commas between
    change    bigint,                   -- of what was written
    effects   bytea,                    -- digest of the revisions that the change made
    PRIMARY KEY (authority, id)
);
CREATE INDEX audit_family ON audit_entry (authority, family, id) WHERE family IS NOT NULL;
CREATE INDEX audit_person ON audit_entry (authority, person, id) WHERE person IS NOT NULL;
CREATE INDEX audit_principal ON audit_entry (authority, principal, id);
CREATE INDEX audit_at ON audit_entry (authority, at);
CREATE UNIQUE INDEX audit_change ON audit_entry (authority, change) WHERE change IS NOT NULL;
-- What was written before there was a trail, each authority's counted from one: the owner is not bound until it is done.
ALTER TABLE change NO FORCE ROW LEVEL SECURITY;
INSERT INTO audit_entry (authority, id, at, principal, act, what, sections, change)
    SELECT authority, row_number() OVER (PARTITION BY authority ORDER BY id), at, principal, 'wrote', what, '', id FROM change;
ALTER TABLE change FORCE ROW LEVEL SECURITY;
CALL keep_apart('audit_entry');
GRANT SELECT, INSERT ON audit_entry TO hearth_app;

CREATE FUNCTION next_audit_entry() RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    RETURN (SELECT COALESCE(MAX(id), 0) + 1 FROM hearth_record.audit_entry);
END
$$;
ALTER TABLE audit_entry ALTER id SET DEFAULT next_audit_entry();

CREATE INDEX revision_change ON family_revision (authority, change);

-- A batch of entries, made afterwards: which they are, the hash of each, and the hash of the seal before.
CREATE TABLE audit_seal (
    authority words NOT NULL DEFAULT this_authority(),
    number    bigint NOT NULL,
    at        bigint NOT NULL,
    first     bigint NOT NULL,
    last      bigint NOT NULL,
    entries   bytea NOT NULL,           -- 40 bytes an entry: its id, high byte first, and the hash of what it says
    before    bytea,                    -- digest of the seal before; none: the first
    digest    bytea NOT NULL,
    PRIMARY KEY (authority, number)
);
CALL keep_apart('audit_seal');
GRANT SELECT, INSERT ON audit_seal TO hearth_app;

-- Nothing about them goes while a hold stands, whatever its time or whoever asks.
CREATE TABLE legal_hold (
    authority words NOT NULL DEFAULT this_authority(),
    id        bigint NOT NULL,
    family    bytea,                    -- one of these two
    person    bytea,
    why       words NOT NULL,
    until     bigint,                   -- last day; none: until it is lifted
    placed_at bigint NOT NULL,
    placed_by words NOT NULL,
    lifted_at bigint,
    lifted_by words,
    PRIMARY KEY (authority, id),
    FOREIGN KEY (authority, family) REFERENCES family (authority, id),
    FOREIGN KEY (authority, person) REFERENCES person (authority, id)
);
CREATE INDEX hold_stands ON legal_hold (authority, family, person) WHERE lifted_at IS NULL;
CALL keep_apart('legal_hold');
GRANT SELECT, INSERT, UPDATE (lifted_at, lifted_by) ON legal_hold TO hearth_app;

CREATE FUNCTION next_legal_hold() RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    RETURN (SELECT COALESCE(MAX(id), 0) + 1 FROM hearth_record.legal_hold);
END
$$;
ALTER TABLE legal_hold ALTER id SET DEFAULT next_legal_hold();

-- How long each section is kept. The latest statement counts; without one the default does.
CREATE TABLE retention (
    authority words NOT NULL DEFAULT this_authority(),
    section   words NOT NULL,
    change    bigint NOT NULL,
    years     bigint NOT NULL,          -- after the family's help ended
    until_age bigint,                   -- and until the youngest is so old
    PRIMARY KEY (authority, section, change),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id)
);
CALL keep_apart('retention');
GRANT SELECT, INSERT ON retention TO hearth_app;

-- What was erased, when and why; of what went only ids and counts are left.
CREATE TABLE erasure (
    authority words NOT NULL DEFAULT this_authority(),
    id        bigint NOT NULL,
    at        bigint NOT NULL,
    by        words NOT NULL,
    why       words NOT NULL CHECK (why IN ('asked', 'ordered', 'retention')),
    family    bytea,                    -- one of these two
    person    bytea,
    sections  words NOT NULL,           -- codes with commas between; none: everything
    went      words NOT NULL,           -- JSON: how much of what
    PRIMARY KEY (authority, id),
    FOREIGN KEY (authority, family) REFERENCES family (authority, id),
    FOREIGN KEY (authority, person) REFERENCES person (authority, id)
);
CALL keep_apart('erasure');
GRANT SELECT, INSERT, UPDATE (went) ON erasure TO hearth_app;

CREATE FUNCTION next_erasure() RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    RETURN (SELECT COALESCE(MAX(id), 0) + 1 FROM hearth_record.erasure);
END
$$;
ALTER TABLE erasure ALTER id SET DEFAULT next_erasure();

CREATE TABLE erased_fact (
    authority words NOT NULL DEFAULT this_authority(),
    fact      bytea NOT NULL,
    erasure   bigint NOT NULL,
    PRIMARY KEY (authority, fact),
    FOREIGN KEY (authority, erasure) REFERENCES erasure (authority, id)
);
CREATE INDEX erased_fact_by ON erased_fact (authority, erasure);
CALL keep_apart('erased_fact');
GRANT SELECT, INSERT ON erased_fact TO hearth_app;

CREATE TABLE erased_decision (
    authority words NOT NULL DEFAULT this_authority(),
    decision  bytea NOT NULL,
    erasure   bigint NOT NULL,
    PRIMARY KEY (authority, decision),
    FOREIGN KEY (authority, decision) REFERENCES decision (authority, id),
    FOREIGN KEY (authority, erasure) REFERENCES erasure (authority, id)
);
CREATE INDEX erased_decision_by ON erased_decision (authority, erasure);
CALL keep_apart('erased_decision');
GRANT SELECT, INSERT ON erased_decision TO hearth_app;

-- What an erasure does to the record. A fact still never changes, and of a decision nothing but its reasons goes.
GRANT DELETE ON fact, superseded, coverage, proposal, task TO hearth_app;
GRANT UPDATE (reference) ON family TO hearth_app;
GRANT UPDATE (answer) ON decision TO hearth_app;
GRANT DELETE ON matched_fact TO hearth_app;
GRANT UPDATE (told, shown) ON match_decision TO hearth_app;
GRANT UPDATE (why, how, given_by) ON share TO hearth_app;
GRANT UPDATE (fact, reason) ON seal TO hearth_app;
GRANT UPDATE (reason) ON emergency TO hearth_app;
GRANT UPDATE (why) ON legal_hold TO hearth_app;

-- By which an erasure finds what to take, without reading everything.
CREATE INDEX fact_supersedes ON fact (authority, supersedes) WHERE supersedes IS NOT NULL;
CREATE INDEX fact_other ON fact (authority, other) WHERE other IS NOT NULL;
CREATE INDEX superseded_successor ON superseded (authority, successor) WHERE successor IS NOT NULL;
CREATE INDEX proposal_became_fact ON proposal (authority, fact) WHERE fact IS NOT NULL;
CREATE INDEX proposal_became_task ON proposal (authority, task) WHERE task IS NOT NULL;
CREATE INDEX decision_matter ON decision (authority, matter) WHERE matter IS NOT NULL;
CREATE INDEX run_family ON run (authority, family) WHERE family IS NOT NULL;

-- Somebody's request to see what is held about them, what a reviewer said of each part, and what was released.
CREATE TABLE subject_request (
    authority   words NOT NULL DEFAULT this_authority(),
    id          bigint NOT NULL,
    person      bytea NOT NULL,
    opened_at   bigint NOT NULL,
    opened_by   words NOT NULL,
    released_at bigint,
    released_by words,
    digest      bytea,                  -- of what was released
    released    bytea,                  -- JSON; none: not released, or erased since
    PRIMARY KEY (authority, id),
    FOREIGN KEY (authority, person) REFERENCES person (authority, id)
);
CREATE INDEX subject_person ON subject_request (authority, person);
CALL keep_apart('subject_request');
GRANT SELECT, INSERT, UPDATE (released_at, released_by, digest, released) ON subject_request TO hearth_app;

CREATE FUNCTION next_subject_request() RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    RETURN (SELECT COALESCE(MAX(id), 0) + 1 FROM hearth_record.subject_request);
END
$$;
ALTER TABLE subject_request ALTER id SET DEFAULT next_subject_request();

CREATE TABLE subject_review (
    authority words NOT NULL DEFAULT this_authority(),
    request   bigint NOT NULL,
    part      words NOT NULL,           -- as kind/id
    shown     bigint NOT NULL CHECK (shown IN (0, 1)),
    reason    words NOT NULL,
    at        bigint NOT NULL,
    by        words NOT NULL,
    PRIMARY KEY (authority, request, part),
    FOREIGN KEY (authority, request) REFERENCES subject_request (authority, id)
);
CALL keep_apart('subject_review');
GRANT SELECT, INSERT, UPDATE (shown, reason, at, by) ON subject_review TO hearth_app;

-- By which corrections find the decisions that they touch.
CREATE INDEX superseded_change ON superseded (authority, change, fact);
CREATE INDEX decision_known ON decision (authority, family, known_after);
