-- Who may see and do what with the families of this authority. Sections are a number with a bit for each, in the order of
-- `Section::ALL`; purposes likewise.

-- What a login (common file) does here, and when.
CREATE TABLE role_held (
    id     BLOB PRIMARY KEY,
    login  BLOB NOT NULL,
    role   TEXT NOT NULL,
    first  INTEGER NOT NULL,
    last   INTEGER,
    change INTEGER NOT NULL REFERENCES change (id)
) STRICT, WITHOUT ROWID;
CREATE INDEX role_held_login ON role_held (login);

-- A worker's part in a case.
CREATE TABLE assignment (
    id     BLOB PRIMARY KEY,
    login  BLOB NOT NULL,
    family BLOB NOT NULL REFERENCES family (id),
    role   TEXT NOT NULL,                      -- code list roles
    first  INTEGER NOT NULL,
    last   INTEGER,
    change INTEGER NOT NULL REFERENCES change (id)
) STRICT, WITHOUT ROWID;
CREATE INDEX assignment_login ON assignment (login, family);
CREATE INDEX assignment_family ON assignment (family);

-- Somebody is away, and somebody else has their cases meanwhile.
CREATE TABLE cover (
    id       BLOB PRIMARY KEY,
    absent   BLOB NOT NULL,
    stand_in BLOB NOT NULL,
    first    INTEGER NOT NULL,
    last     INTEGER NOT NULL,
    change   INTEGER NOT NULL REFERENCES change (id)
) STRICT, WITHOUT ROWID;
CREATE INDEX cover_stand_in ON cover (stand_in);

-- What may be shared with an organisation, for what, and by which law.
CREATE TABLE agreement (
    id           BLOB PRIMARY KEY,
    organisation TEXT NOT NULL,                -- in the common file
    sections     INTEGER NOT NULL,
    purposes     INTEGER NOT NULL,
    basis        TEXT NOT NULL,
    first        INTEGER NOT NULL,
    last         INTEGER,
    change       INTEGER NOT NULL REFERENCES change (id)
) STRICT, WITHOUT ROWID;
CREATE INDEX agreement_organisation ON agreement (organisation);

-- A family, or one of its people, is shared under an agreement: by consent, or with notice where the law needs no consent.
CREATE TABLE share (
    id           BLOB PRIMARY KEY,
    agreement    BLOB NOT NULL REFERENCES agreement (id),
    family       BLOB NOT NULL REFERENCES family (id),
    person       BLOB REFERENCES person (id),  -- none: the whole family
    sections     INTEGER NOT NULL,
    by_consent   INTEGER NOT NULL CHECK (by_consent IN (0, 1)),
    why          TEXT NOT NULL,
    how          TEXT NOT NULL,                -- how consent or notice was given
    given_by     TEXT NOT NULL,                -- who agreed, or was told
    given_on     INTEGER NOT NULL,
    change       INTEGER NOT NULL REFERENCES change (id),
    withdrawn_at INTEGER,
    withdrawn_by TEXT,
    withdrawal   TEXT,                         -- how
    objected_at  INTEGER,
    objected_by  TEXT,
    objection    TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX share_agreement ON share (agreement, family);
CREATE INDEX share_family ON share (family);

-- Hides a fact, or a member of a family, from all but those who are named. A seal on a fact names no family.
CREATE TABLE seal (
    id        BLOB PRIMARY KEY,
    fact      BLOB REFERENCES fact (id),
    family    BLOB REFERENCES family (id),
    person    BLOB REFERENCES person (id),
    reason    TEXT NOT NULL,
    sealed_by TEXT NOT NULL,
    change    INTEGER NOT NULL REFERENCES change (id),
    until     INTEGER,                         -- the last day
    lifted    INTEGER REFERENCES change (id),
    lifted_by TEXT,
    lifting   TEXT                             -- why
) STRICT, WITHOUT ROWID;
CREATE INDEX seal_fact ON seal (fact) WHERE fact IS NOT NULL;
CREATE INDEX seal_member ON seal (family, person) WHERE person IS NOT NULL;

CREATE TABLE seal_name (
    seal  BLOB NOT NULL REFERENCES seal (id),
    login BLOB NOT NULL,
    PRIMARY KEY (seal, login)
) STRICT, WITHOUT ROWID;

-- Somebody opened a family that is not theirs, because something could not wait; a manager looks at it afterwards.
CREATE TABLE emergency (
    id       BLOB PRIMARY KEY,
    login    BLOB NOT NULL,
    name     TEXT NOT NULL,
    family   BLOB NOT NULL REFERENCES family (id),
    reason   TEXT NOT NULL,
    begun_at INTEGER NOT NULL,
    ends_at  INTEGER NOT NULL,
    change   INTEGER NOT NULL REFERENCES change (id),
    seen_at  INTEGER,
    seen_by  TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX emergency_login ON emergency (login, family);
CREATE INDEX emergency_unseen ON emergency (id) WHERE seen_at IS NULL;

-- Every section whose facts were delivered to a decision's run: who may not see them gets the bare result, or nothing.
ALTER TABLE decision ADD COLUMN label INTEGER NOT NULL DEFAULT 0;
UPDATE decision SET label = COALESCE((
    SELECT SUM(CASE d.value
        WHEN 'household' THEN 1 WHEN 'education' THEN 2 WHEN 'offending' THEN 4 WHEN 'safeguarding' THEN 8 WHEN 'abuse' THEN 16
        WHEN 'health' THEN 32 WHEN 'employment' THEN 64 WHEN 'housing' THEN 128 WHEN 'finance' THEN 256 WHEN 'support' THEN 512
        WHEN 'identity' THEN 1024 WHEN 'assessments' THEN 2048 WHEN 'notes' THEN 4096 ELSE 0 END)
    FROM json_each(CAST(decision.answer AS TEXT), '$.delivered') AS d), 0);

-- The seals whose facts were delivered to a decision's run: who is not named in each does not see that there is a decision.
CREATE TABLE decision_seal (
    decision BLOB NOT NULL REFERENCES decision (id),
    seal     BLOB NOT NULL REFERENCES seal (id),
    PRIMARY KEY (decision, seal)
) STRICT, WITHOUT ROWID;

-- Is the installation given what is sealed? A person said so, by its own grant.
ALTER TABLE installation ADD COLUMN sealed INTEGER NOT NULL DEFAULT 0 CHECK (sealed IN (0, 1));
