-- The audit trail, legal holds, retention, erasure, subject access and what corrections touched. Ids and codes: nothing here outlives
-- the erasure of what it is about.

-- Who read what, who wrote what, who was refused; in the order in which it was kept. No row of it is ever changed.
CREATE TABLE audit_entry (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    at        INTEGER NOT NULL,
    principal TEXT NOT NULL,
    act       TEXT NOT NULL CHECK (act IN ('read', 'wrote', 'refused')),
    what      TEXT NOT NULL,                   -- the route with its gaps, or the change's words
    purpose   TEXT,
    family    BLOB,
    person    BLOB,
    thing     TEXT,                            -- of the family, as kind/id
    sections  TEXT NOT NULL,                   -- that were shown: codes with commas between
    change    INTEGER,                         -- of what was written
    effects   BLOB                             -- digest of the revisions that the change made
) STRICT;
CREATE INDEX audit_family ON audit_entry (family, id) WHERE family IS NOT NULL;
CREATE INDEX audit_person ON audit_entry (person, id) WHERE person IS NOT NULL;
CREATE INDEX audit_principal ON audit_entry (principal, id);
CREATE INDEX audit_at ON audit_entry (at);
CREATE UNIQUE INDEX audit_change ON audit_entry (change) WHERE change IS NOT NULL;
-- What was written before there was a trail.
INSERT INTO audit_entry (at, principal, act, what, sections, change) SELECT at, principal, 'wrote', what, '', id FROM change ORDER BY id;
CREATE INDEX revision_change ON family_revision (change);

-- A batch of entries, made afterwards: which they are, the hash of each, and the hash of the seal before.
CREATE TABLE audit_seal (
    number  INTEGER PRIMARY KEY,
    at      INTEGER NOT NULL,
    first   INTEGER NOT NULL,
    last    INTEGER NOT NULL,
    entries BLOB NOT NULL,                     -- 40 bytes an entry: its id, high byte first, and the hash of what it says
    before  BLOB,                              -- digest of the seal before; none: the first
    digest  BLOB NOT NULL
) STRICT;

-- Nothing about them goes while a hold stands, whatever its time or whoever asks.
CREATE TABLE legal_hold (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    family    BLOB REFERENCES family (id),     -- one of these two
    person    BLOB REFERENCES person (id),
    why       TEXT NOT NULL,
    until     INTEGER,                         -- last day; none: until it is lifted
    placed_at INTEGER NOT NULL,
    placed_by TEXT NOT NULL,
    lifted_at INTEGER,
    lifted_by TEXT
) STRICT;
CREATE INDEX hold_stands ON legal_hold (family, person) WHERE lifted_at IS NULL;

-- How long each section is kept. The latest statement counts; without one the default does.
CREATE TABLE retention (
    section   TEXT NOT NULL,
    change    INTEGER NOT NULL REFERENCES change (id),
    years     INTEGER NOT NULL,                -- after the family's help ended
    until_age INTEGER,                         -- and until the youngest is so old
    PRIMARY KEY (section, change)
) STRICT, WITHOUT ROWID;

-- What was erased, when and why; of what went only ids and counts are left.
CREATE TABLE erasure (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    at       INTEGER NOT NULL,
    by       TEXT NOT NULL,
    why      TEXT NOT NULL CHECK (why IN ('asked', 'ordered', 'retention')),
    family   BLOB REFERENCES family (id),      -- one of these two
    person   BLOB REFERENCES person (id),
    sections TEXT NOT NULL,                    -- codes with commas between; none: everything
    went     TEXT NOT NULL                     -- JSON: how much of what
) STRICT;
CREATE TABLE erased_fact (
    fact    BLOB PRIMARY KEY,
    erasure INTEGER NOT NULL REFERENCES erasure (id)
) STRICT, WITHOUT ROWID;
CREATE INDEX erased_fact_by ON erased_fact (erasure);
CREATE TABLE erased_decision (
    decision BLOB PRIMARY KEY REFERENCES decision (id),
    erasure  INTEGER NOT NULL REFERENCES erasure (id)
) STRICT, WITHOUT ROWID;
CREATE INDEX erased_decision_by ON erased_decision (erasure);

-- By which an erasure finds what to take, without reading everything.
CREATE INDEX fact_supersedes ON fact (supersedes) WHERE supersedes IS NOT NULL;
CREATE INDEX fact_other ON fact (other) WHERE other IS NOT NULL;
CREATE INDEX superseded_successor ON superseded (successor) WHERE successor IS NOT NULL;
CREATE INDEX proposal_became_fact ON proposal (fact) WHERE fact IS NOT NULL;
CREATE INDEX proposal_became_task ON proposal (task) WHERE task IS NOT NULL;
CREATE INDEX decision_matter ON decision (matter) WHERE matter IS NOT NULL;
CREATE INDEX run_family ON run (family) WHERE family IS NOT NULL;

-- Somebody's request to see what is held about them, what a reviewer said of each part, and what was released.
CREATE TABLE subject_request (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    person      BLOB NOT NULL REFERENCES person (id),
    opened_at   INTEGER NOT NULL,
    opened_by   TEXT NOT NULL,
    released_at INTEGER,
    released_by TEXT,
    digest      BLOB,                          -- of what was released
    released    BLOB                           -- JSON; none: not released, or erased since
) STRICT;
CREATE INDEX subject_person ON subject_request (person);
CREATE TABLE subject_review (
    request INTEGER NOT NULL REFERENCES subject_request (id),
    part    TEXT NOT NULL,                     -- as kind/id
    shown   INTEGER NOT NULL CHECK (shown IN (0, 1)),
    reason  TEXT NOT NULL,
    at      INTEGER NOT NULL,
    by      TEXT NOT NULL,
    PRIMARY KEY (request, part)
) STRICT, WITHOUT ROWID;

-- By which corrections find the decisions that they touch.
CREATE INDEX superseded_change ON superseded (change, fact);
CREATE INDEX decision_known ON decision (family, known_after);
