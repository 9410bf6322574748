-- Plugins at work for the authority: what is installed, what ran, what was decided and what followed.

CREATE TABLE installation (
    id              BLOB PRIMARY KEY,
    plugin          TEXT NOT NULL,
    digest          BLOB NOT NULL,             -- of the plugin version, in the common file
    extension_point TEXT NOT NULL,
    grants          TEXT NOT NULL,
    settings        TEXT NOT NULL,
    status          TEXT NOT NULL CHECK (status IN ('proposed', 'active', 'retired')),
    created_at      INTEGER NOT NULL,
    created_by      TEXT NOT NULL,
    activated_at    INTEGER,
    activated_by    TEXT,
    retired_at      INTEGER,
    retired_by      TEXT
) STRICT, WITHOUT ROWID;
-- Outcomes pay: one installation decides.
CREATE UNIQUE INDEX installation_decides ON installation (extension_point)
    WHERE status = 'active' AND extension_point = 'outcomes';

CREATE TABLE run (
    id           BLOB PRIMARY KEY,
    at           INTEGER NOT NULL,
    installation BLOB NOT NULL REFERENCES installation (id),
    family       BLOB REFERENCES family (id),
    question     TEXT NOT NULL,
    as_of        INTEGER NOT NULL,
    outcome      TEXT NOT NULL,
    message      TEXT,
    instructions INTEGER NOT NULL,
    millis       INTEGER NOT NULL,
    peak_memory  INTEGER NOT NULL,
    log          TEXT NOT NULL
) STRICT;
CREATE INDEX run_installation ON run (installation, id);
CREATE INDEX run_at ON run (at);

CREATE TABLE decision (
    id            BLOB PRIMARY KEY,
    at            INTEGER NOT NULL,
    principal     TEXT NOT NULL,
    family        BLOB NOT NULL REFERENCES family (id),
    revision      INTEGER NOT NULL,
    installation  BLOB NOT NULL REFERENCES installation (id),
    question      TEXT NOT NULL,
    as_of         INTEGER NOT NULL,
    known_after   INTEGER NOT NULL REFERENCES change (id), -- the last change that its coverage was read after
    snapshot      BLOB NOT NULL,               -- content
    context       BLOB NOT NULL,               -- content
    claims        TEXT NOT NULL,               -- what had been claimed before, as the run was given it
    answer_digest BLOB NOT NULL,
    answer        BLOB NOT NULL,
    result        TEXT NOT NULL,
    instructions  INTEGER NOT NULL,
    millis        INTEGER NOT NULL
) STRICT;
CREATE INDEX decision_family ON decision (family, id);
CREATE INDEX decision_snapshot ON decision (snapshot);

-- One result of a family is never claimed twice.
CREATE TABLE claim (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    decision    BLOB NOT NULL REFERENCES decision (id),
    family      BLOB NOT NULL REFERENCES family (id),
    kind        TEXT NOT NULL,
    amount      INTEGER NOT NULL,              -- pence
    entitled_on INTEGER NOT NULL,
    state       TEXT NOT NULL,
    UNIQUE (family, kind)
) STRICT;

CREATE TABLE task (
    id           BLOB PRIMARY KEY,
    installation BLOB NOT NULL REFERENCES installation (id),
    key          TEXT NOT NULL,
    family       BLOB NOT NULL REFERENCES family (id),
    role         TEXT NOT NULL,
    title        TEXT NOT NULL,
    due          INTEGER NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('open', 'done')),
    decision     BLOB NOT NULL REFERENCES decision (id),
    done_at      INTEGER,
    done_by      TEXT
) STRICT, WITHOUT ROWID;
-- Proposing a key again while its task is open changes nothing.
CREATE UNIQUE INDEX task_open ON task (installation, family, key) WHERE state = 'open';
CREATE INDEX task_family ON task (family);
CREATE INDEX task_due ON task (due, id) WHERE state = 'open';

CREATE TABLE idempotency (
    principal TEXT NOT NULL,
    key       TEXT NOT NULL,
    route     TEXT NOT NULL,
    body      BLOB NOT NULL,                   -- digest of the request's body
    status    INTEGER NOT NULL,
    response  BLOB NOT NULL,
    at        INTEGER NOT NULL,
    PRIMARY KEY (principal, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_at ON idempotency (at);
