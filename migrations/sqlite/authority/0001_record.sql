-- The families of one authority. Ids are 16 bytes, digests 32; days count from 1970-01-01, instants in milliseconds.

-- One row for each transaction that wrote anything: who did what. What it added to the record is known from then on.
CREATE TABLE change (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    at        INTEGER NOT NULL,
    principal TEXT NOT NULL,
    what      TEXT NOT NULL
) STRICT;
CREATE INDEX change_at ON change (at);

CREATE TABLE family (
    id        BLOB PRIMARY KEY,
    reference TEXT NOT NULL UNIQUE,
    change    INTEGER NOT NULL REFERENCES change (id)
) STRICT, WITHOUT ROWID;

CREATE TABLE person (
    id     BLOB PRIMARY KEY,
    change INTEGER NOT NULL REFERENCES change (id)
) STRICT, WITHOUT ROWID;

CREATE TABLE home (
    id     BLOB PRIMARY KEY,
    change INTEGER NOT NULL REFERENCES change (id)
) STRICT, WITHOUT ROWID;

CREATE TABLE fact (
    id          BLOB PRIMARY KEY,
    change      INTEGER NOT NULL REFERENCES change (id),
    section     TEXT NOT NULL,
    kind        TEXT NOT NULL,
    family      BLOB REFERENCES family (id),
    person      BLOB REFERENCES person (id),
    other       BLOB REFERENCES person (id),   -- the other person of a relationship
    home        BLOB REFERENCES home (id),
    first       INTEGER NOT NULL,
    last        INTEGER,
    source      TEXT NOT NULL,
    source_kind TEXT NOT NULL,
    reference   TEXT,
    supersedes  BLOB REFERENCES fact (id),
    key         TEXT,                          -- what the record is searched by, in one spelling
    detail      TEXT NOT NULL
) STRICT;
CREATE INDEX fact_family ON fact (family) WHERE family IS NOT NULL;
CREATE INDEX fact_person ON fact (person) WHERE person IS NOT NULL;
CREATE INDEX fact_home ON fact (home) WHERE home IS NOT NULL;
CREATE INDEX fact_reference ON fact (reference, source, kind) WHERE reference IS NOT NULL;
CREATE INDEX fact_key ON fact (key) WHERE key IS NOT NULL;

CREATE TRIGGER fact_never_changes BEFORE UPDATE ON fact
BEGIN
    SELECT RAISE(ABORT, 'a fact is never changed, only superseded');
END;

-- A fact is corrected once. Without a successor it was withdrawn.
CREATE TABLE superseded (
    fact      BLOB PRIMARY KEY REFERENCES fact (id),
    successor BLOB REFERENCES fact (id),
    change    INTEGER NOT NULL REFERENCES change (id)
) STRICT, WITHOUT ROWID;

-- In the order in which it was said: a later statement replaces an earlier one.
CREATE TABLE coverage (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    change INTEGER NOT NULL REFERENCES change (id),
    kind   TEXT NOT NULL,
    person BLOB REFERENCES person (id),        -- none: every family of the authority
    first  INTEGER NOT NULL,
    last   INTEGER NOT NULL,
    state  TEXT NOT NULL,
    source TEXT NOT NULL
) STRICT;
CREATE INDEX coverage_person ON coverage (person) WHERE person IS NOT NULL;
CREATE INDEX coverage_feed ON coverage (kind) WHERE person IS NULL;
CREATE INDEX coverage_partial ON coverage (kind, source) WHERE person IS NOT NULL AND state = 'partial';

-- Kept under the hash of its bytes. What is erased by law goes from here, and leaves its hash where it was named.
CREATE TABLE content (
    digest BLOB PRIMARY KEY,
    bytes  BLOB NOT NULL
) STRICT;

-- A family's record after its n-th change.
CREATE TABLE family_revision (
    family   BLOB NOT NULL REFERENCES family (id),
    revision INTEGER NOT NULL,
    change   INTEGER NOT NULL REFERENCES change (id),
    snapshot BLOB NOT NULL,
    PRIMARY KEY (family, revision)
) STRICT, WITHOUT ROWID;
