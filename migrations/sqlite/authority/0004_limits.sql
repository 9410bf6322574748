-- What a failed question leaves: what was asked, until it is decided; a task for a person where the authority fails towards one; and
-- the parking of a plugin that fails again and again.

-- Every decision says what its run used; a run has a row of its own only where it failed or wrote log lines.
ALTER TABLE decision ADD COLUMN peak_memory INTEGER NOT NULL DEFAULT 0;
CREATE INDEX decision_installation ON decision (installation, id);
ALTER TABLE run ADD COLUMN decision BLOB REFERENCES decision (id); -- that it came to; none: it failed
CREATE INDEX run_decision ON run (decision) WHERE decision IS NOT NULL;
CREATE INDEX run_failed ON run (installation, id) WHERE outcome <> 'answered';

-- Questions whose last run failed and that nothing was decided about since. Goes when it is decided.
CREATE TABLE undecided (
    id           BLOB PRIMARY KEY,
    family       BLOB NOT NULL REFERENCES family (id),
    key          BLOB NOT NULL,                -- digest of the question and what it is about
    question     TEXT NOT NULL,
    asked        TEXT NOT NULL,                -- JSON: the question as it was asked, with what was typed
    as_of        INTEGER NOT NULL,
    installation BLOB NOT NULL REFERENCES installation (id), -- that failed last
    outcome      TEXT NOT NULL,                -- code of what stopped it
    blame        TEXT NOT NULL CHECK (blame IN ('guest', 'host', 'authority')),
    run          BLOB,                         -- its last run, while that is kept; none: it was not begun
    asked_by     TEXT NOT NULL,
    first_at     INTEGER NOT NULL,
    last_at      INTEGER NOT NULL,
    failures     INTEGER NOT NULL,
    retry_at     INTEGER                       -- when the host tries again by itself
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX undecided_key ON undecided (family, key);
CREATE INDEX undecided_retry ON undecided (retry_at) WHERE retry_at IS NOT NULL;

-- A task of the host's own follows from a question that was not decided, and from no decision.
ALTER TABLE task RENAME COLUMN decision TO decision_before;
ALTER TABLE task ADD COLUMN decision BLOB REFERENCES decision (id);
UPDATE task SET decision = decision_before;
ALTER TABLE task DROP COLUMN decision_before;

-- What a failure means, for each question. The latest statement counts; without one the default does.
CREATE TABLE failure_policy (
    question TEXT NOT NULL,
    change   INTEGER NOT NULL REFERENCES change (id),
    policy   TEXT NOT NULL CHECK (policy IN ('to-a-person', 'open')),
    PRIMARY KEY (question, change)
) STRICT, WITHOUT ROWID;

-- When an installation was parked and brought back.
CREATE TABLE parking (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    installation BLOB NOT NULL REFERENCES installation (id),
    since        INTEGER NOT NULL,
    why          TEXT NOT NULL,                -- in words, none of them the guest's
    failures     INTEGER NOT NULL,
    runs         INTEGER NOT NULL,             -- that were looked at
    ended_at     INTEGER,
    ended_by     TEXT,
    reason       TEXT
) STRICT;
CREATE UNIQUE INDEX parking_now ON parking (installation) WHERE ended_at IS NULL;
CREATE INDEX parking_installation ON parking (installation, id);
