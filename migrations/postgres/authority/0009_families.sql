-- Families that are found to be one, or part; people who are found to be one; families that go to another authority; files.
-- As sqlite/authority/0009.

-- Two families were found to be one: `family` goes on within `stays`. What moved is told by the change: its facts are superseded in it.
CREATE TABLE family_merge (
    authority  words NOT NULL DEFAULT this_authority(),
    id         bytea NOT NULL,
    family     bytea NOT NULL,
    stays      bytea NOT NULL,
    reason     words NOT NULL,
    principal  words NOT NULL,
    change     bigint NOT NULL,
    undone     bigint,
    undone_by  words,
    undone_why words,
    PRIMARY KEY (authority, id),
    FOREIGN KEY (authority, family) REFERENCES family (authority, id),
    FOREIGN KEY (authority, stays) REFERENCES family (authority, id),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id),
    FOREIGN KEY (authority, undone) REFERENCES change (authority, id)
);
CREATE INDEX family_merge_family ON family_merge (authority, family);
CREATE INDEX family_merge_stays ON family_merge (authority, stays);
CALL keep_apart('family_merge');
GRANT SELECT, INSERT, UPDATE (undone, undone_by, undone_why, reason) ON family_merge TO hearth_app;

-- Every family within which another goes on: `stays` itself, and whichever that went on within since. In force while `undone` is empty.
CREATE TABLE merged_into (
    authority words NOT NULL DEFAULT this_authority(),
    family    bytea NOT NULL,
    stays     bytea NOT NULL,
    merge     bytea NOT NULL,
    undone    bigint,
    PRIMARY KEY (authority, family, stays, merge),
    FOREIGN KEY (authority, family) REFERENCES family (authority, id),
    FOREIGN KEY (authority, stays) REFERENCES family (authority, id),
    FOREIGN KEY (authority, merge) REFERENCES family_merge (authority, id),
    FOREIGN KEY (authority, undone) REFERENCES change (authority, id)
);
CREATE INDEX merged_into_stays ON merged_into (authority, stays);
CALL keep_apart('merged_into');
GRANT SELECT, INSERT, UPDATE (undone) ON merged_into TO hearth_app;

-- Claims that were withdrawn because the other family had one of the kind.
CREATE TABLE claim_given_way (
    authority words NOT NULL DEFAULT this_authority(),
    claim     bigint NOT NULL,
    merge     bytea NOT NULL,
    PRIMARY KEY (authority, claim, merge),
    FOREIGN KEY (authority, claim) REFERENCES claim (authority, id),
    FOREIGN KEY (authority, merge) REFERENCES family_merge (authority, id)
);
CALL keep_apart('claim_given_way');
GRANT SELECT, INSERT ON claim_given_way TO hearth_app;

-- From a change on nothing is added to a family: it was merged, or handed over. Open again from `reopened` on.
CREATE TABLE family_closed (
    authority words NOT NULL DEFAULT this_authority(),
    family    bytea NOT NULL,
    change    bigint NOT NULL,
    how       words NOT NULL CHECK (how IN ('merged', 'moved')),
    reopened  bigint,
    PRIMARY KEY (authority, family, change),
    FOREIGN KEY (authority, family) REFERENCES family (authority, id),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id),
    FOREIGN KEY (authority, reopened) REFERENCES change (authority, id)
);
CALL keep_apart('family_closed');
GRANT SELECT, INSERT, UPDATE (reopened) ON family_closed TO hearth_app;

-- Some members left a family for a new one.
CREATE TABLE family_split (
    authority  words NOT NULL DEFAULT this_authority(),
    id         bytea NOT NULL,
    family     bytea NOT NULL,
    new_family bytea NOT NULL,
    first      bigint NOT NULL,                 -- their first day there
    since      bigint NOT NULL,                 -- from this day on what is known of them counts there too
    reason     words NOT NULL,
    principal  words NOT NULL,
    change     bigint NOT NULL,
    PRIMARY KEY (authority, id),
    FOREIGN KEY (authority, family) REFERENCES family (authority, id),
    FOREIGN KEY (authority, new_family) REFERENCES family (authority, id),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id)
);
CREATE INDEX family_split_family ON family_split (authority, family);
CREATE UNIQUE INDEX family_split_new ON family_split (authority, new_family);
CALL keep_apart('family_split');
GRANT SELECT, INSERT, UPDATE (reason) ON family_split TO hearth_app;

-- Two rows were found to be one person: what was known of `person` is said of `stays`.
CREATE TABLE person_merge (
    authority  words NOT NULL DEFAULT this_authority(),
    id         bytea NOT NULL,
    person     bytea NOT NULL,
    stays      bytea NOT NULL,
    reason     words NOT NULL,
    principal  words NOT NULL,
    change     bigint NOT NULL,
    undone     bigint,
    undone_by  words,
    undone_why words,
    PRIMARY KEY (authority, id),
    FOREIGN KEY (authority, person) REFERENCES person (authority, id),
    FOREIGN KEY (authority, stays) REFERENCES person (authority, id),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id),
    FOREIGN KEY (authority, undone) REFERENCES change (authority, id)
);
CREATE UNIQUE INDEX person_merge_in_force ON person_merge (authority, person) WHERE undone IS NULL;
CREATE INDEX person_merge_stays ON person_merge (authority, stays);
CALL keep_apart('person_merge');
GRANT SELECT, INSERT, UPDATE (undone, undone_by, undone_why, reason) ON person_merge TO hearth_app;


-- Why a worker's part in a case began or ended, where somebody said so.
ALTER TABLE assignment ADD COLUMN reason words;
ALTER TABLE assignment ADD COLUMN ended_why words;
GRANT UPDATE (reason, ended_why) ON assignment TO hearth_app;

-- A family that was given to another authority: what, when, by whom. The package lies here until it lies in the common file.
CREATE TABLE handover_given (
    authority  words NOT NULL DEFAULT this_authority(),
    id         bytea NOT NULL,
    family     bytea NOT NULL,
    to_whom    words NOT NULL,                  -- ONS code
    sections   bigint NOT NULL,
    basis      words NOT NULL,                  -- the law that it rests on
    reason     words NOT NULL,
    first      bigint NOT NULL,                 -- the first day on which it is theirs
    principal  words NOT NULL,
    change     bigint NOT NULL,
    digest     bytea NOT NULL,                  -- of the package
    told       words NOT NULL,                  -- JSON: how many facts of each section, people and homes
    package    bytea,
    state      words NOT NULL CHECK (state IN ('making', 'waiting', 'withdrawn', 'refused', 'moved')),
    settled_at bigint,
    settled_by words,
    answer     words,                           -- why it was refused
    PRIMARY KEY (authority, id),
    FOREIGN KEY (authority, family) REFERENCES family (authority, id),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id)
);
CREATE INDEX handover_given_family ON handover_given (authority, family);
CREATE UNIQUE INDEX handover_given_open ON handover_given (authority, family) WHERE state IN ('making', 'waiting');
CALL keep_apart('handover_given');
GRANT SELECT, INSERT, UPDATE (package, state, settled_at, settled_by, answer, reason) ON handover_given TO hearth_app;

-- A family that came from another authority.
CREATE TABLE handover_taken (
    authority words NOT NULL DEFAULT this_authority(),
    id        bytea NOT NULL,                   -- as it has there
    family    bytea NOT NULL,
    from_whom words NOT NULL,                   -- ONS code
    sections  bigint NOT NULL,
    basis     words NOT NULL,
    reason    words NOT NULL,
    first     bigint NOT NULL,
    given_by  words NOT NULL,
    given_at  bigint NOT NULL,
    principal words NOT NULL,
    change    bigint NOT NULL,
    digest    bytea NOT NULL,
    told      words NOT NULL,
    PRIMARY KEY (authority, id),
    FOREIGN KEY (authority, family) REFERENCES family (authority, id),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id)
);
CREATE INDEX handover_taken_family ON handover_taken (authority, family);
CALL keep_apart('handover_taken');
GRANT SELECT, INSERT, UPDATE (reason) ON handover_taken TO hearth_app;

-- Who had said it there, under which reference, and when it was known.
CREATE TABLE handed_fact (
    authority words NOT NULL DEFAULT this_authority(),
    fact      bytea NOT NULL,
    handover  bytea NOT NULL,
    source    words NOT NULL,
    reference words,
    known_at  bigint NOT NULL,
    PRIMARY KEY (authority, fact),
    FOREIGN KEY (authority, fact) REFERENCES fact (authority, id),
    FOREIGN KEY (authority, handover) REFERENCES handover_taken (authority, id)
);
CALL keep_apart('handed_fact');
GRANT SELECT, INSERT, DELETE ON handed_fact TO hearth_app;

-- Files on a family: on all of it, on one of its people, on a fact or on a decision. Seen as a fact of its section is.
CREATE TABLE attachment (
    authority   words NOT NULL DEFAULT this_authority(),
    id          bytea NOT NULL,
    family      bytea NOT NULL,
    person      bytea,
    fact        bytea,
    decision    bytea,
    section     words NOT NULL,
    name        words NOT NULL,
    media_type  words NOT NULL,                 -- by its bytes
    size        bigint NOT NULL,
    digest      bytea NOT NULL,
    principal   words NOT NULL,
    change      bigint NOT NULL,
    removed     bigint,
    removed_by  words,
    removed_why words,
    PRIMARY KEY (authority, id),
    FOREIGN KEY (authority, family) REFERENCES family (authority, id),
    FOREIGN KEY (authority, person) REFERENCES person (authority, id),
    FOREIGN KEY (authority, fact) REFERENCES fact (authority, id),
    FOREIGN KEY (authority, decision) REFERENCES decision (authority, id),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id),
    FOREIGN KEY (authority, removed) REFERENCES change (authority, id)
);
CREATE INDEX attachment_family ON attachment (authority, family, id);
CREATE INDEX attachment_person ON attachment (authority, person) WHERE person IS NOT NULL;
CALL keep_apart('attachment');
GRANT SELECT, INSERT, UPDATE (removed, removed_by, removed_why, name, fact) ON attachment TO hearth_app;

-- A file's bytes in pieces. They go when it is removed or erased; the row above stays.
CREATE TABLE attachment_piece (
    authority  words NOT NULL DEFAULT this_authority(),
    attachment bytea NOT NULL,
    position   bigint NOT NULL,
    bytes      bytea NOT NULL,
    PRIMARY KEY (authority, attachment, position),
    FOREIGN KEY (authority, attachment) REFERENCES attachment (authority, id)
);
CALL keep_apart('attachment_piece');
GRANT SELECT, INSERT, DELETE ON attachment_piece TO hearth_app;
-- What follows from a decision and is still open goes on with the family; a claim gives way to another of its kind.
GRANT UPDATE (family) ON task TO hearth_app;
GRANT UPDATE (family, person) ON proposal TO hearth_app;
GRANT UPDATE (state) ON claim TO hearth_app;
