-- Back-tests: what another version would decide, beside the one that does, over the authority's own families. Kept apart from the record: nothing
-- here is a decision, and all of it goes on a day that is said when it begins.

-- A section that a candidate may read in back-tests before anybody adopts it: asked for by one person, given by another.
CREATE TABLE trial_grant (
    authority words NOT NULL DEFAULT this_authority(),
    id        bytea NOT NULL,
    change    bigint NOT NULL,
    plugin    bytea NOT NULL,                  -- the digest of the plugin version
    interface words NOT NULL,
    asked_by  words NOT NULL,
    why       words NOT NULL,
    until     bigint NOT NULL,                 -- last day
    given_by  words,
    given_at  bigint,
    basis     words,                           -- the lawful basis, in the words of whoever gave it
    PRIMARY KEY (authority, id),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id)
);
CREATE INDEX trial_grant_plugin ON trial_grant (authority, plugin, interface);
CALL keep_apart('trial_grant');
GRANT SELECT, INSERT, UPDATE (given_by, given_at, basis) ON trial_grant TO hearth_app;

CREATE TABLE trial_grant_reader (              -- who may look at rows that rest on it
    authority   words NOT NULL DEFAULT this_authority(),
    trial_grant bytea NOT NULL,
    login       bytea NOT NULL,
    PRIMARY KEY (authority, trial_grant, login),
    FOREIGN KEY (authority, trial_grant) REFERENCES trial_grant (authority, id)
);
CALL keep_apart('trial_grant_reader');
GRANT SELECT, INSERT ON trial_grant_reader TO hearth_app;

CREATE TABLE back_test (
    authority    words NOT NULL DEFAULT this_authority(),
    id           bytea NOT NULL,
    change       bigint NOT NULL,
    principal    words NOT NULL,
    plugin       bytea NOT NULL,               -- the candidate's digest
    installation bytea,
    grants       words NOT NULL,               -- JSON: what the candidate was run with
    settings     words NOT NULL,               -- JSON
    left_out     words NOT NULL,               -- JSON: interfaces that nobody granted
    live         bytea NOT NULL,
    question     words NOT NULL,
    days         words NOT NULL,               -- JSON: the as-of dates
    known        words NOT NULL CHECK (known IN ('now', 'then')),
    size         bigint,                       -- of a sample; none: every family
    seed         bigint NOT NULL,
    state        words NOT NULL CHECK (state IN ('running', 'done', 'cancelled', 'failed', 'removed')),
    done         bigint NOT NULL,              -- families, counted for each day
    total        bigint NOT NULL,
    began        bigint NOT NULL,
    ended        bigint,
    lease        bigint NOT NULL,              -- running and not heard of until then: stopped
    keep_until   bigint NOT NULL,              -- last day
    came         words NOT NULL,               -- JSON: counts and sums
    why          words,                        -- it could not go on: the host's own words
    PRIMARY KEY (authority, id),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id),
    FOREIGN KEY (authority, installation) REFERENCES installation (authority, id),
    FOREIGN KEY (authority, live) REFERENCES installation (authority, id)
);
CALL keep_apart('back_test');
GRANT SELECT, INSERT, UPDATE (state, done, ended, lease, came, why), DELETE ON back_test TO hearth_app;

CREATE TABLE back_test_grant (                 -- each use of a trial grant; it stays when the back-test goes
    authority   words NOT NULL DEFAULT this_authority(),
    back_test   bytea NOT NULL,
    trial_grant bytea NOT NULL,
    PRIMARY KEY (authority, back_test, trial_grant),
    FOREIGN KEY (authority, trial_grant) REFERENCES trial_grant (authority, id)
);
CREATE INDEX back_test_grant_of ON back_test_grant (authority, trial_grant, back_test);
CALL keep_apart('back_test_grant');
GRANT SELECT, INSERT ON back_test_grant TO hearth_app;

CREATE TABLE back_test_row (                   -- a family that is decided differently on a day
    authority words NOT NULL DEFAULT this_authority(),
    back_test bytea NOT NULL,
    number    bigint NOT NULL,
    family    bytea NOT NULL,
    revision  bigint NOT NULL,
    known     bigint NOT NULL,                 -- the last change that counted
    snapshot  bytea NOT NULL,                  -- its hash
    day       bigint NOT NULL,
    kind      words NOT NULL,
    criterion words NOT NULL,                  -- the first that differs, and empty where none does
    pence     bigint NOT NULL,                 -- the candidate's claims less the live ones
    label     bigint NOT NULL,                 -- sections delivered to either
    live      words NOT NULL,                  -- JSON: the answer, or the code of the failure
    candidate words NOT NULL,
    PRIMARY KEY (authority, back_test, number),
    FOREIGN KEY (authority, back_test) REFERENCES back_test (authority, id),
    FOREIGN KEY (authority, family) REFERENCES family (authority, id)
);
CREATE INDEX back_test_row_family ON back_test_row (authority, family);
CALL keep_apart('back_test_row');
GRANT SELECT, INSERT, DELETE ON back_test_row TO hearth_app;
