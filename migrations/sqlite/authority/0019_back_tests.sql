-- Back-tests: what another version would decide, beside the one that does, over the authority's own families. Kept apart from the record: nothing
-- here is a decision, and all of it goes on a day that is said when it begins.

-- A section that a candidate may read in back-tests before anybody adopts it: asked for by one person, given by another.
CREATE TABLE trial_grant (
    id        BLOB PRIMARY KEY,
    change    INTEGER NOT NULL REFERENCES change (id),
    plugin    BLOB NOT NULL,                   -- the digest of the plugin version
    interface TEXT NOT NULL,
    asked_by  TEXT NOT NULL,
    why       TEXT NOT NULL,
    until     INTEGER NOT NULL,                -- last day
    given_by  TEXT,
    given_at  INTEGER,
    basis     TEXT                             -- the lawful basis, in the words of whoever gave it
) STRICT, WITHOUT ROWID;
CREATE INDEX trial_grant_plugin ON trial_grant (plugin, interface);

CREATE TABLE trial_grant_reader (              -- who may look at rows that rest on it
    trial_grant BLOB NOT NULL REFERENCES trial_grant (id),
    login       BLOB NOT NULL,
    PRIMARY KEY (trial_grant, login)
) STRICT, WITHOUT ROWID;

CREATE TABLE back_test (
    id           BLOB PRIMARY KEY,
    change       INTEGER NOT NULL REFERENCES change (id),
    principal    TEXT NOT NULL,
    plugin       BLOB NOT NULL,                -- the candidate's digest
    installation BLOB REFERENCES installation (id),
    grants       TEXT NOT NULL,                -- JSON: what the candidate was run with
    settings     TEXT NOT NULL,                -- JSON
    left_out     TEXT NOT NULL,                -- JSON: interfaces that nobody granted
    live         BLOB NOT NULL REFERENCES installation (id),
    question     TEXT NOT NULL,
    days         TEXT NOT NULL,                -- JSON: the as-of dates
    known        TEXT NOT NULL CHECK (known IN ('now', 'then')),
    size         INTEGER,                      -- of a sample; none: every family
    seed         INTEGER NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('running', 'done', 'cancelled', 'failed', 'removed')),
    done         INTEGER NOT NULL,             -- families, counted for each day
    total        INTEGER NOT NULL,
    began        INTEGER NOT NULL,
    ended        INTEGER,
    lease        INTEGER NOT NULL,             -- running and not heard of until then: stopped
    keep_until   INTEGER NOT NULL,             -- last day
    came         TEXT NOT NULL,                -- JSON: counts and sums
    why          TEXT                          -- it could not go on: the host's own words
) STRICT, WITHOUT ROWID;

CREATE TABLE back_test_grant (                 -- each use of a trial grant; it stays when the back-test goes
    back_test   BLOB NOT NULL,
    trial_grant BLOB NOT NULL REFERENCES trial_grant (id),
    PRIMARY KEY (back_test, trial_grant)
) STRICT, WITHOUT ROWID;
CREATE INDEX back_test_grant_of ON back_test_grant (trial_grant, back_test);

CREATE TABLE back_test_row (                   -- a family that is decided differently on a day
    back_test BLOB NOT NULL REFERENCES back_test (id),
    number    INTEGER NOT NULL,
    family    BLOB NOT NULL REFERENCES family (id),
    revision  INTEGER NOT NULL,
    known     INTEGER NOT NULL,                -- the last change that counted
    snapshot  BLOB NOT NULL,                   -- its hash
    day       INTEGER NOT NULL,
    kind      TEXT NOT NULL,
    criterion TEXT NOT NULL,                   -- the first that differs, and empty where none does
    pence     INTEGER NOT NULL,                -- the candidate's claims less the live ones
    label     INTEGER NOT NULL,                -- sections delivered to either
    live      TEXT NOT NULL,                   -- JSON: the answer, or the code of the failure
    candidate TEXT NOT NULL,
    PRIMARY KEY (back_test, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX back_test_row_family ON back_test_row (family);
