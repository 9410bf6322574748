-- The way of an installation: reviewed by people, tried beside the one that decides, switched to, and back.

-- Who has to approve a plugin before it decides, and when it goes back by itself. Every statement is kept, the latest counts.
CREATE TABLE plugin_review (
    change INTEGER PRIMARY KEY REFERENCES change (id),
    rules  TEXT NOT NULL                       -- JSON
) STRICT;

-- What was done to an installation on its way. Nothing of it goes; of each thing it is about, the latest counts.
CREATE TABLE installation_act (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    installation BLOB NOT NULL REFERENCES installation (id),
    change       INTEGER NOT NULL REFERENCES change (id),
    act          TEXT NOT NULL CHECK (act IN ('changed', 'checked', 'failed', 'approved', 'declined', 'withdrawn', 'seconded')),
    about        TEXT NOT NULL,                -- an interface, templates, sealed, check, second, settings
    basis        TEXT,                         -- code: UK GDPR, article 6
    conditions   TEXT NOT NULL DEFAULT '',     -- codes with spaces between: articles 9 and 10
    words        TEXT,
    found        TEXT,                         -- JSON: what a check found
    digest       BLOB,                         -- of all that a second person approved
    principal    TEXT NOT NULL
) STRICT;
CREATE INDEX installation_act_of ON installation_act (installation, id);

-- Each time that an installation was let decide, what it took that from, and how that ended.
CREATE TABLE activation (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    installation BLOB NOT NULL REFERENCES installation (id),
    change       INTEGER NOT NULL REFERENCES change (id),
    at           INTEGER NOT NULL,
    replaced     TEXT NOT NULL,                -- ids with spaces between: those that decided until then
    principal    TEXT NOT NULL,
    reason       TEXT,
    ended_at     INTEGER,                      -- another decides
    ended_by     TEXT,
    ended_why    TEXT,
    by_itself    INTEGER NOT NULL DEFAULT 0 CHECK (by_itself IN (0, 1)) -- it failed, and the host went back
) STRICT;
CREATE INDEX activation_of ON activation (installation, id);

-- An activation that is to be at an instant: once, by whoever looks first after it.
CREATE TABLE planned_switch (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    installation BLOB NOT NULL REFERENCES installation (id),
    change       INTEGER NOT NULL REFERENCES change (id),
    at           INTEGER NOT NULL,
    principal    TEXT NOT NULL,
    reason       TEXT,
    state        TEXT NOT NULL CHECK (state IN ('waiting', 'done', 'dropped', 'failed')),
    settled_at   INTEGER,
    settled_by   TEXT,
    why          TEXT                          -- it could not be done
) STRICT;
CREATE UNIQUE INDEX planned_switch_waiting ON planned_switch (installation) WHERE state = 'waiting';
CREATE INDEX planned_switch_due ON planned_switch (at, id) WHERE state = 'waiting';

-- Other settings for an installation that decides: a second person says yes, and an installation of the same component follows.
CREATE TABLE settings_change (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    installation BLOB NOT NULL REFERENCES installation (id),
    change       INTEGER NOT NULL REFERENCES change (id),
    settings     TEXT NOT NULL,                -- JSON, whole
    counts_from  INTEGER NOT NULL,             -- day
    money        TEXT NOT NULL,                -- JSON: the settings that move money and are others than before
    reason       TEXT NOT NULL,
    principal    TEXT NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('waiting', 'approved', 'declined')),
    settled_at   INTEGER,
    settled_by   TEXT,
    settled_why  TEXT,
    successor    BLOB REFERENCES installation (id)
) STRICT;
CREATE UNIQUE INDEX settings_change_waiting ON settings_change (installation) WHERE state = 'waiting';

-- A candidate beside the installation that decides: asked what that one was asked, after it answered.
CREATE TABLE shadow (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    installation BLOB NOT NULL REFERENCES installation (id),
    change       INTEGER NOT NULL REFERENCES change (id),
    began        INTEGER NOT NULL,
    until        INTEGER NOT NULL,
    reached      BLOB NOT NULL,                -- the last decision that was looked at
    principal    TEXT NOT NULL,
    reason       TEXT NOT NULL,
    dropped      INTEGER NOT NULL DEFAULT 0,   -- not asked about: too many waited
    ended_at     INTEGER,
    ended_by     TEXT
) STRICT;
CREATE UNIQUE INDEX shadow_runs ON shadow (installation) WHERE ended_at IS NULL;

-- What a candidate said: beside a decision, and never one.
CREATE TABLE shadow_answer (
    shadow       INTEGER NOT NULL REFERENCES shadow (id),
    decision     BLOB NOT NULL REFERENCES decision (id),
    family       BLOB NOT NULL REFERENCES family (id),
    at           INTEGER NOT NULL,
    outcome      TEXT NOT NULL,                -- answered, or what stopped it
    same         INTEGER NOT NULL CHECK (same IN (0, 1)), -- byte for byte
    said         TEXT NOT NULL,                -- the candidate's result
    differs      TEXT NOT NULL,                -- JSON: what differs, by criterion
    sections     INTEGER NOT NULL,             -- that it was handed
    instructions INTEGER NOT NULL,
    millis       INTEGER NOT NULL,
    PRIMARY KEY (shadow, decision)
) STRICT, WITHOUT ROWID;
CREATE INDEX shadow_answer_family ON shadow_answer (family);
