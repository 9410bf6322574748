-- Families that are found to be one, or part; people who are found to be one; families that go to another authority; files.

-- Two families were found to be one: `family` goes on within `stays`. What moved is told by the change: its facts are superseded in it.
CREATE TABLE family_merge (
    id          BLOB PRIMARY KEY,
    family      BLOB NOT NULL REFERENCES family (id),
    stays       BLOB NOT NULL REFERENCES family (id),
    reason      TEXT NOT NULL,
    principal   TEXT NOT NULL,
    change      INTEGER NOT NULL REFERENCES change (id),
    undone      INTEGER REFERENCES change (id),
    undone_by   TEXT,
    undone_why  TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX family_merge_family ON family_merge (family);
CREATE INDEX family_merge_stays ON family_merge (stays);

-- Every family within which another goes on: `stays` itself, and whichever that went on within since. In force while `undone` is empty.
CREATE TABLE merged_into (
    family BLOB NOT NULL REFERENCES family (id),
    stays  BLOB NOT NULL REFERENCES family (id),
    merge  BLOB NOT NULL REFERENCES family_merge (id),
    undone INTEGER REFERENCES change (id),
    PRIMARY KEY (family, stays, merge)
) STRICT, WITHOUT ROWID;
CREATE INDEX merged_into_stays ON merged_into (stays);

-- Claims that were withdrawn because the other family had one of the kind.
CREATE TABLE claim_given_way (
    claim INTEGER NOT NULL REFERENCES claim (id),
    merge BLOB NOT NULL REFERENCES family_merge (id),
    PRIMARY KEY (claim, merge)
) STRICT, WITHOUT ROWID;

-- From a change on nothing is added to a family: it was merged, or handed over. Open again from `reopened` on.
CREATE TABLE family_closed (
    family   BLOB NOT NULL REFERENCES family (id),
    change   INTEGER NOT NULL REFERENCES change (id),
    how      TEXT NOT NULL CHECK (how IN ('merged', 'moved')),
    reopened INTEGER REFERENCES change (id),
    PRIMARY KEY (family, change)
) STRICT, WITHOUT ROWID;

-- Some members left a family for a new one.
CREATE TABLE family_split (
    id         BLOB PRIMARY KEY,
    family     BLOB NOT NULL REFERENCES family (id),
    new_family BLOB NOT NULL REFERENCES family (id),
    first      INTEGER NOT NULL,              -- their first day there
    since      INTEGER NOT NULL,              -- from this day on what is known of them counts there too
    reason     TEXT NOT NULL,
    principal  TEXT NOT NULL,
    change     INTEGER NOT NULL REFERENCES change (id)
) STRICT, WITHOUT ROWID;
CREATE INDEX family_split_family ON family_split (family);
CREATE UNIQUE INDEX family_split_new ON family_split (new_family);

-- Two rows were found to be one person: what was known of `person` is said of `stays`.
CREATE TABLE person_merge (
    id         BLOB PRIMARY KEY,
    person     BLOB NOT NULL REFERENCES person (id),
    stays      BLOB NOT NULL REFERENCES person (id),
    reason     TEXT NOT NULL,
    principal  TEXT NOT NULL,
    change     INTEGER NOT NULL REFERENCES change (id),
    undone     INTEGER REFERENCES change (id),
    undone_by  TEXT,
    undone_why TEXT
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX person_merge_in_force ON person_merge (person) WHERE undone IS NULL;
CREATE INDEX person_merge_stays ON person_merge (stays);

-- Why a worker's part in a case began or ended, where somebody said so.
ALTER TABLE assignment ADD COLUMN reason TEXT;
ALTER TABLE assignment ADD COLUMN ended_why TEXT;

-- A family that was given to another authority: what, when, by whom. The package lies here until it lies in the common file.
CREATE TABLE handover_given (
    id         BLOB PRIMARY KEY,
    family     BLOB NOT NULL REFERENCES family (id),
    to_whom    TEXT NOT NULL,                 -- ONS code
    sections   INTEGER NOT NULL,
    basis      TEXT NOT NULL,                 -- the law that it rests on
    reason     TEXT NOT NULL,
    first      INTEGER NOT NULL,              -- the first day on which it is theirs
    principal  TEXT NOT NULL,
    change     INTEGER NOT NULL REFERENCES change (id),
    digest     BLOB NOT NULL,                 -- of the package
    told       TEXT NOT NULL,                 -- JSON: how many facts of each section, people and homes
    package    BLOB,
    state      TEXT NOT NULL CHECK (state IN ('making', 'waiting', 'withdrawn', 'refused', 'moved')),
    settled_at INTEGER,
    settled_by TEXT,
    answer     TEXT                           -- why it was refused
) STRICT, WITHOUT ROWID;
CREATE INDEX handover_given_family ON handover_given (family);
CREATE UNIQUE INDEX handover_given_open ON handover_given (family) WHERE state IN ('making', 'waiting');

-- A family that came from another authority.
CREATE TABLE handover_taken (
    id         BLOB PRIMARY KEY,              -- as it has there
    family     BLOB NOT NULL REFERENCES family (id),
    from_whom  TEXT NOT NULL,                 -- ONS code
    sections   INTEGER NOT NULL,
    basis      TEXT NOT NULL,
    reason     TEXT NOT NULL,
    first      INTEGER NOT NULL,
    given_by   TEXT NOT NULL,
    given_at   INTEGER NOT NULL,
    principal  TEXT NOT NULL,
    change     INTEGER NOT NULL REFERENCES change (id),
    digest     BLOB NOT NULL,
    told       TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX handover_taken_family ON handover_taken (family);

-- Who had said it there, under which reference, and when it was known.
CREATE TABLE handed_fact (
    fact      BLOB PRIMARY KEY REFERENCES fact (id),
    handover  BLOB NOT NULL REFERENCES handover_taken (id),
    source    TEXT NOT NULL,
    reference TEXT,
    known_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Files on a family: on all of it, on one of its people, on a fact or on a decision. Seen as a fact of its section is.
CREATE TABLE attachment (
    id         BLOB PRIMARY KEY,
    family     BLOB NOT NULL REFERENCES family (id),
    person     BLOB REFERENCES person (id),
    fact       BLOB REFERENCES fact (id),
    decision   BLOB REFERENCES decision (id),
    section    TEXT NOT NULL,
    name       TEXT NOT NULL,
    media_type TEXT NOT NULL,                 -- by its bytes
    size       INTEGER NOT NULL,
    digest     BLOB NOT NULL,
    principal  TEXT NOT NULL,
    change     INTEGER NOT NULL REFERENCES change (id),
    removed    INTEGER REFERENCES change (id),
    removed_by TEXT,
    removed_why TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX attachment_family ON attachment (family, id);
CREATE INDEX attachment_person ON attachment (person) WHERE person IS NOT NULL;

-- A file's bytes in pieces. They go when it is removed or erased; the row above stays.
CREATE TABLE attachment_piece (
    attachment BLOB NOT NULL REFERENCES attachment (id),
    position   INTEGER NOT NULL,
    bytes      BLOB NOT NULL,
    PRIMARY KEY (attachment, position)
) STRICT;
