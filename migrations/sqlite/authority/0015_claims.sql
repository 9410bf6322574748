-- The way of a claim, from its draft to its money; and the questions that are asked of every family when their time has come.

-- What the authority says of its claims: stages, whom they need, whether it claims at all. Every statement is kept, the latest counts.
CREATE TABLE claim_rules (
    change INTEGER PRIMARY KEY REFERENCES change (id),
    rules  TEXT NOT NULL                       -- JSON
) STRICT;

-- Claims that are sent together, as one file.
CREATE TABLE claim_batch (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    change INTEGER NOT NULL REFERENCES change (id),
    state  TEXT NOT NULL CHECK (state IN ('made', 'submitted', 'discarded')),
    claims INTEGER NOT NULL,
    amount INTEGER NOT NULL,                   -- pence
    digest BLOB NOT NULL                       -- of the file's bytes
) STRICT;

-- A row of that file, as it was when the batch was made.
CREATE TABLE claim_in_batch (
    batch       INTEGER NOT NULL REFERENCES claim_batch (id),
    position    INTEGER NOT NULL,              -- from 1
    claim       INTEGER NOT NULL REFERENCES claim (id),
    family      BLOB NOT NULL REFERENCES family (id),
    decision    BLOB NOT NULL REFERENCES decision (id),
    kind        TEXT NOT NULL,
    amount      INTEGER NOT NULL,              -- pence
    entitled_on INTEGER NOT NULL,
    evidence    BLOB NOT NULL,                 -- digest of the evidence that was approved
    PRIMARY KEY (batch, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX claim_in_batch_claim ON claim_in_batch (claim);

-- What was done to a claim. `claim.state` is where the last of these left it.
CREATE TABLE claim_step (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    claim     INTEGER NOT NULL REFERENCES claim (id),
    change    INTEGER NOT NULL REFERENCES change (id),
    act       TEXT NOT NULL,
    state     TEXT NOT NULL,                   -- afterwards
    stage     TEXT,                            -- of the audit
    reason    TEXT,
    amount    INTEGER,                         -- pence that were paid, or paid back
    day       INTEGER,                         -- on which
    reference TEXT,                            -- the payer's
    batch     INTEGER REFERENCES claim_batch (id),
    digest    BLOB                             -- of the evidence as it was approved
) STRICT;
CREATE INDEX claim_step_claim ON claim_step (claim, id);

-- The stages that stood before a claim when it was put forward, and whether it was drawn to be looked at in each.
CREATE TABLE claim_stage (
    step     INTEGER NOT NULL REFERENCES claim_step (id),
    position INTEGER NOT NULL,                 -- from 1
    name     TEXT NOT NULL,
    roles    TEXT NOT NULL,                    -- codes, with spaces between: who may pass it
    share    INTEGER NOT NULL,                 -- of a hundred claims
    drawn    INTEGER NOT NULL,                 -- of ten thousand: below 100 x share it is looked at
    another  INTEGER NOT NULL,                 -- 1: by nobody who had a hand in it before
    PRIMARY KEY (step, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX claim_state ON claim (state, id);

-- When every family is asked about. Every statement is kept, the latest counts.
CREATE TABLE evaluation_schedule (
    change   INTEGER PRIMARY KEY REFERENCES change (id),
    schedule TEXT NOT NULL                     -- JSON
) STRICT;

-- One such time: once, however many hosts there are.
CREATE TABLE evaluation (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    due      INTEGER NOT NULL UNIQUE,
    question TEXT NOT NULL,
    as_of    INTEGER NOT NULL,
    state    TEXT NOT NULL CHECK (state IN ('running', 'done', 'failed')),
    reached  BLOB REFERENCES family (id),      -- the last family that is done with
    holder   TEXT,                             -- which host is at it
    lease    INTEGER NOT NULL,                 -- until when nobody else begins where it stands
    failures INTEGER NOT NULL DEFAULT 0,
    begun    INTEGER NOT NULL,
    ended    INTEGER,
    came     TEXT NOT NULL,                    -- JSON: what it came to until now
    why      TEXT                              -- it could not go on
) STRICT;
CREATE INDEX evaluation_running ON evaluation (lease) WHERE state = 'running';

-- When a decision said to look again, the earliest day of its findings.
CREATE TABLE look_again (
    decision BLOB PRIMARY KEY REFERENCES decision (id),
    family   BLOB NOT NULL REFERENCES family (id),
    question TEXT NOT NULL,
    day      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX look_again_day ON look_again (day, decision);
