-- Assessments as they are made: typed, submitted, signed, amended; what is asked for and not there yet; the plan; encounters and services.
-- What plugins read of any of it are facts; here is what people work with.

-- One version of an assessment. Amended or sent back it stays as it was, and another version begins with its answers.
CREATE TABLE assessment (
    id           BLOB PRIMARY KEY,
    family       BLOB NOT NULL REFERENCES family (id),
    person       BLOB REFERENCES person (id),       -- whom it is about; none: the family
    installation BLOB NOT NULL REFERENCES installation (id), -- the plugin version that it began with
    form         TEXT NOT NULL,
    digest       BLOB NOT NULL,                     -- of the form
    line         BLOB NOT NULL,                     -- its first version
    version      INTEGER NOT NULL,                  -- from 1
    state        TEXT NOT NULL CHECK (state IN ('draft', 'submitted', 'completed', 'signed-by-family', 'signed-off', 'sent-back', 'superseded', 'given-up')),
    answers      TEXT NOT NULL,                     -- JSON, as typed; empty: erased
    settled      TEXT,                              -- JSON: what applied and what was lent, of one that was submitted
    asked        BLOB,                              -- by which the question about it is known
    assessed     INTEGER,                           -- the day that it is as of
    decision     BLOB REFERENCES decision (id),
    principal    TEXT NOT NULL,
    change       INTEGER NOT NULL REFERENCES change (id),
    typed_by     TEXT NOT NULL,
    typed_at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX assessment_family ON assessment (family, id);
CREATE INDEX assessment_asked ON assessment (asked) WHERE state = 'submitted';
CREATE UNIQUE INDEX assessment_line ON assessment (line, version);
-- Of one assessment one version at a time is worked on.
CREATE UNIQUE INDEX assessment_open ON assessment (line) WHERE state IN ('draft', 'submitted');

-- What was done with it, in order.
CREATE TABLE assessment_act (
    assessment BLOB NOT NULL REFERENCES assessment (id),
    position   INTEGER NOT NULL,
    act        TEXT NOT NULL CHECK (act IN ('submitted', 'completed', 'incomplete', 'signed', 'signed-off', 'sent-back', 'amended', 'given-up')),
    person     BLOB REFERENCES person (id),         -- who signed for the family
    how        TEXT CHECK (how IN ('in-person', 'read-over-phone')),
    day        INTEGER,                             -- on which they signed
    why        TEXT,
    principal  TEXT NOT NULL,
    at         INTEGER NOT NULL,
    PRIMARY KEY (assessment, position)
) STRICT, WITHOUT ROWID;

-- The facts that a version put into the record: itself, and its scores.
CREATE TABLE assessment_fact (
    assessment BLOB NOT NULL REFERENCES assessment (id),
    fact       BLOB NOT NULL REFERENCES fact (id),
    PRIMARY KEY (assessment, fact)
) STRICT, WITHOUT ROWID;
CREATE INDEX assessment_fact_fact ON assessment_fact (fact);

-- An assessment, or the next review, that is due: asked for by a plugin and confirmed, or by somebody.
CREATE TABLE assessment_request (
    id          BLOB PRIMARY KEY,
    family      BLOB NOT NULL REFERENCES family (id),
    person      BLOB REFERENCES person (id),
    form        TEXT NOT NULL,
    due         INTEGER NOT NULL,
    why         TEXT,                               -- of whoever asked; none: a plugin did
    proposal    BLOB,
    state       TEXT NOT NULL CHECK (state IN ('open', 'met', 'dropped')),
    principal   TEXT NOT NULL,
    change      INTEGER NOT NULL REFERENCES change (id),
    assessment  BLOB REFERENCES assessment (id),    -- that met it
    settled_at  INTEGER,
    settled_by  TEXT,
    settled_why TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX assessment_request_family ON assessment_request (family);
CREATE INDEX assessment_request_due ON assessment_request (due, id) WHERE state = 'open';

-- The family is to be asked whether something may be told to others: ends in what is shared, or in a no.
CREATE TABLE consent_request (
    id          BLOB PRIMARY KEY,
    family      BLOB NOT NULL REFERENCES family (id),
    person      BLOB REFERENCES person (id),
    sections    INTEGER NOT NULL,
    to_kind     TEXT NOT NULL,                      -- code list organisation-kinds
    due         INTEGER NOT NULL,
    proposal    BLOB NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('open', 'agreed', 'refused')),
    principal   TEXT NOT NULL,
    change      INTEGER NOT NULL REFERENCES change (id),
    share       BLOB REFERENCES share (id),
    settled_at  INTEGER,
    settled_by  TEXT,
    settled_why TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX consent_request_family ON consent_request (family);
CREATE INDEX consent_request_due ON consent_request (due, id) WHERE state = 'open';

-- What the plan says of a goal beside its fact: by the first fact of its line, so that it goes wherever the goal goes.
CREATE TABLE plan_goal (
    goal        BLOB PRIMARY KEY REFERENCES fact (id),
    place       INTEGER NOT NULL,                   -- in the sequence
    measured    TEXT,                               -- how
    begins_at   TEXT,
    target      TEXT,
    raised_from BLOB,                               -- the goal that was met before it
    ended_why   TEXT,                               -- why it was dropped
    principal   TEXT NOT NULL,
    change      INTEGER NOT NULL REFERENCES change (id)
) STRICT, WITHOUT ROWID;

-- What is known of a contact beside its fact.
CREATE TABLE encounter (
    contact   BLOB PRIMARY KEY REFERENCES fact (id),
    login     BLOB,                                 -- who made it
    minutes   INTEGER,
    principal TEXT NOT NULL,
    change    INTEGER NOT NULL REFERENCES change (id)
) STRICT, WITHOUT ROWID;
CREATE TABLE encounter_person (
    contact BLOB NOT NULL REFERENCES fact (id),
    person  BLOB NOT NULL REFERENCES person (id),
    PRIMARY KEY (contact, person)
) STRICT, WITHOUT ROWID;

-- On which day a service that was asked for began, by the first fact of its line.
CREATE TABLE service_began (
    service   BLOB PRIMARY KEY REFERENCES fact (id),
    began     INTEGER NOT NULL,
    principal TEXT NOT NULL,
    change    INTEGER NOT NULL REFERENCES change (id)
) STRICT, WITHOUT ROWID;
