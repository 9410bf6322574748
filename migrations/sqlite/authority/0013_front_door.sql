-- The front door: referrals and what became of them, what people set aside of what plugins decided, and who can take a family.

-- A referral, from whoever sent it. `told`: whom it names, as its sender describes them.
CREATE TABLE referral (
    id                BLOB PRIMARY KEY,
    change            INTEGER NOT NULL REFERENCES change (id),
    came_on           INTEGER NOT NULL,          -- day
    route             TEXT NOT NULL,             -- code list referral-routes
    organisation      TEXT,                      -- in the common file; none: the family itself, or found
    organisation_kind TEXT,
    sent_by           TEXT NOT NULL,
    sender            BLOB,                      -- login; none: a system
    urgent            INTEGER NOT NULL CHECK (urgent IN (0, 1)),
    agreed            INTEGER CHECK (agreed IN (0, 1)),
    problems          TEXT NOT NULL,             -- JSON, code list problems
    told              TEXT NOT NULL,             -- JSON
    words             TEXT,                      -- what the sender wrote
    state             TEXT NOT NULL CHECK (state IN ('received', 'settled', 'triaged', 'asked', 'closed')),
    family            BLOB REFERENCES family (id),
    settled           BLOB REFERENCES family (id), -- whom it was about before families merged
    settled_by        TEXT,
    settled_at        INTEGER,
    found_by          BLOB REFERENCES decision (id), -- proactive: the answer by which it was found
    decision          BLOB REFERENCES decision (id), -- the latest triage
    outcome           TEXT,                      -- code list triages
    level             TEXT,
    goes_to           TEXT,                      -- the pathway's route
    priority          TEXT,                      -- code list priorities
    outcome_at        INTEGER,
    outcome_by        TEXT,
    reason            TEXT,                      -- where a person set the pathway aside, or decided without it
    question          TEXT,                      -- what the sender is asked
    answer_by         INTEGER NOT NULL,          -- the day by which the sender is to hear
    reminded          INTEGER NOT NULL DEFAULT 0 CHECK (reminded IN (0, 1)),
    tell_at           INTEGER,                   -- the sender is to be told, not before
    tell_tries        INTEGER NOT NULL DEFAULT 0,
    told_at           INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX referral_state ON referral (state, id);
CREATE INDEX referral_due ON referral (answer_by) WHERE state <> 'closed';
CREATE INDEX referral_family ON referral (family, id) WHERE family IS NOT NULL;
CREATE INDEX referral_decision ON referral (decision) WHERE decision IS NOT NULL;
CREATE INDEX referral_found ON referral (found_by) WHERE found_by IS NOT NULL;
CREATE INDEX referral_tell ON referral (tell_at) WHERE tell_at IS NOT NULL;
CREATE INDEX referral_sender ON referral (sent_by, id);

-- People of the record whom it names.
CREATE TABLE referral_person (
    referral BLOB NOT NULL REFERENCES referral (id),
    person   BLOB NOT NULL REFERENCES person (id),
    PRIMARY KEY (referral, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX referral_person_person ON referral_person (person);

-- What the sender added.
CREATE TABLE referral_added (
    referral BLOB NOT NULL REFERENCES referral (id),
    change   INTEGER NOT NULL REFERENCES change (id),
    words    TEXT NOT NULL,
    PRIMARY KEY (referral, change)
) STRICT, WITHOUT ROWID;

-- What a person put in the place of what a plugin decided, or did where it decided nothing. The decision stays.
CREATE TABLE override (
    id        BLOB PRIMARY KEY,
    change    INTEGER NOT NULL REFERENCES change (id),
    family    BLOB NOT NULL REFERENCES family (id),
    decision  BLOB REFERENCES decision (id),   -- none: nothing was decided of it
    about     TEXT NOT NULL,                   -- the question, the kind of action, or `caseload`
    instead   TEXT NOT NULL,                   -- JSON: codes, names of the pathway, ids
    reason    TEXT NOT NULL,
    principal TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX override_family ON override (family, id);
CREATE INDEX override_decision ON override (decision) WHERE decision IS NOT NULL;

-- Within how many days who sends a referral hears what became of it. The latest statement counts; without one the default does.
CREATE TABLE front_door (
    change      INTEGER PRIMARY KEY REFERENCES change (id),
    answer_days INTEGER NOT NULL,
    near_days   INTEGER NOT NULL
) STRICT;

-- How many families a worker may have, and what they know well. The latest statement counts.
CREATE TABLE worker_profile (
    login     BLOB NOT NULL,
    change    INTEGER NOT NULL REFERENCES change (id),
    most      INTEGER,                         -- none: no limit is set
    strengths TEXT NOT NULL,                   -- JSON, code list problems
    PRIMARY KEY (login, change)
) STRICT, WITHOUT ROWID;

-- Who stood at which place among the candidates that an allocation was asked about.
CREATE TABLE allocation_candidate (
    decision BLOB NOT NULL REFERENCES decision (id),
    place    INTEGER NOT NULL,                 -- from 1, as the answer counts them
    login    BLOB NOT NULL,
    PRIMARY KEY (decision, place)
) STRICT, WITHOUT ROWID;
