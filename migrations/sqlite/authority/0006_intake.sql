-- What agencies send: how it is read, what came, who is meant.

-- Who may be meant: what the record knows of each person that tells who they are, and the keys by which they are found. Worked out from
-- the facts whenever one of them changes; nothing stands here that does not stand there.
CREATE TABLE person_profile (
    person  BLOB PRIMARY KEY REFERENCES person (id),
    profile TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE person_key (
    key    INTEGER NOT NULL,
    person BLOB NOT NULL REFERENCES person (id),
    PRIMARY KEY (key, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX person_key_person ON person_key (person);

CREATE TABLE home_key (
    key  INTEGER NOT NULL,
    home BLOB NOT NULL REFERENCES home (id),
    PRIMARY KEY (key, home)
) STRICT, WITHOUT ROWID;
CREATE INDEX home_key_home ON home_key (home);

-- How an agency's files are read, as the council wrote it. A version is never changed.
CREATE TABLE mapping (
    name    TEXT NOT NULL,
    version INTEGER NOT NULL,
    change  INTEGER NOT NULL REFERENCES change (id),
    text    TEXT NOT NULL,
    PRIMARY KEY (name, version)
) STRICT, WITHOUT ROWID;

-- A file that came. What it held is in the record, or waits below; the file itself is not kept.
CREATE TABLE delivery (
    id          BLOB PRIMARY KEY,
    mapping     TEXT NOT NULL,
    version     INTEGER NOT NULL,             -- 0: the one that comes with the host
    kind        TEXT NOT NULL,
    source      TEXT NOT NULL,
    first       INTEGER NOT NULL,
    last        INTEGER NOT NULL,
    digest      BLOB NOT NULL,
    bytes       INTEGER NOT NULL,
    principal   TEXT NOT NULL,
    at          INTEGER NOT NULL,
    progress_at INTEGER NOT NULL,
    state       TEXT NOT NULL,                -- reading, read, refused
    report      TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX delivery_feed ON delivery (mapping, source, id);

-- Rows that are not in the record: nobody is known who may be meant, a person is asked, or it is nobody of ours. For a set time.
CREATE TABLE waiting_row (
    id         BLOB PRIMARY KEY,
    state      TEXT NOT NULL,                 -- unmatched, asked, not-ours
    source     TEXT NOT NULL,
    kind       TEXT NOT NULL,
    reference  TEXT NOT NULL,
    mapping    TEXT NOT NULL,
    who        BLOB NOT NULL,                 -- hash of what it says of who is meant
    told       TEXT NOT NULL,                 -- what it says: who, when and what
    candidates TEXT NOT NULL,                 -- who may be meant, and why
    delivery   BLOB NOT NULL,
    at         INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX waiting_row_reference ON waiting_row (reference, source, kind);
CREATE INDEX waiting_row_who ON waiting_row (who, source);
CREATE INDEX waiting_row_state ON waiting_row (state, id);
CREATE INDEX waiting_row_at ON waiting_row (at);

-- What a person said about who is meant: it holds for every row of that source that says the same of who is meant.
CREATE TABLE match_decision (
    id        BLOB PRIMARY KEY,
    source    TEXT NOT NULL,
    who       BLOB NOT NULL,
    answer    TEXT NOT NULL,                  -- this-one, none-of-these, not-ours
    person    BLOB REFERENCES person (id),
    home      BLOB REFERENCES home (id),
    told      TEXT NOT NULL,                  -- what was shown: whom the row is about
    shown     TEXT NOT NULL,                  -- and who was shown beside it
    principal TEXT NOT NULL,
    at        INTEGER NOT NULL,
    undone_by TEXT,
    undone_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX match_decision_in_force ON match_decision (who, source) WHERE undone_at IS NULL;

-- Facts that are in the record because a person said who is meant.
CREATE TABLE matched_fact (
    fact     BLOB PRIMARY KEY REFERENCES fact (id),
    decision BLOB NOT NULL REFERENCES match_decision (id),
    mapping  TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX matched_fact_decision ON matched_fact (decision);

-- The authority's own thresholds and times; what is not here is at its default.
CREATE TABLE intake_setting (
    name  TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
