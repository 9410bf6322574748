-- The families of every authority, apart by row security: what sqlite/authority/0001 to 0004 come to, where what a table is for
-- stands beside it. Ids are 16 bytes, digests 32; days count from 1970-01-01, instants in milliseconds.
--
-- Every row says whose it is. No statement of the host does: the transaction says for whom it works (`SET LOCAL hearth.authority`),
-- and the tables add it themselves. It is part of every key, so that a collision tells nothing of another authority. The host's role
-- owns nothing and has what is granted here: what is only ever added to the record cannot be changed by mistake either.
GRANT USAGE ON SCHEMA hearth_record TO hearth_app;
GRANT SELECT ON _sqlx_migrations TO hearth_app;

-- Text in the order of its bytes, as in SQLite, whatever language the server speaks.
CREATE DOMAIN words AS text COLLATE "C";

-- For whom the transaction works; none where nobody said: then no row is seen and none can be written.
CREATE FUNCTION this_authority() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT NULLIF(current_setting('hearth.authority', true), '')
$$;

-- Binds everybody but a superuser, the owner too. Every table of an authority's own calls it.
CREATE PROCEDURE keep_apart(its regclass) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', its);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', its);
    EXECUTE format('CREATE POLICY own ON %s USING (authority = hearth_record.this_authority())
        WITH CHECK (authority = hearth_record.this_authority())', its);
END
$$;
REVOKE EXECUTE ON PROCEDURE keep_apart(regclass) FROM PUBLIC;

-- One row for each transaction that wrote anything. Writers of one authority take turns, so that the numbers are in the order in which
-- they are committed, and no one is ever left out: "known after change n" has one answer.
CREATE TABLE change (
    authority words NOT NULL DEFAULT this_authority(),
    id        bigint NOT NULL,
    at        bigint NOT NULL,
    principal words NOT NULL,
    what      words NOT NULL,
    PRIMARY KEY (authority, id)
);
CREATE INDEX change_at ON change (authority, at);
CALL keep_apart('change');
GRANT SELECT, INSERT ON change TO hearth_app;

-- The numbers of an authority's rows count its own, so that none tells how busy another is. A sequence would count all, and what is
-- taken back would leave a gap.
CREATE FUNCTION next_change() RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    RETURN (SELECT COALESCE(MAX(id), 0) + 1 FROM hearth_record.change);
END
$$;
ALTER TABLE change ALTER id SET DEFAULT next_change();

CREATE TABLE family (
    authority words NOT NULL DEFAULT this_authority(),
    id        bytea NOT NULL,
    reference words NOT NULL,
    change    bigint NOT NULL,
    PRIMARY KEY (authority, id),
    UNIQUE (authority, reference),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id)
);
CALL keep_apart('family');
GRANT SELECT, INSERT ON family TO hearth_app;

CREATE TABLE person (
    authority words NOT NULL DEFAULT this_authority(),
    id        bytea NOT NULL,
    change    bigint NOT NULL,
    PRIMARY KEY (authority, id),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id)
);
CALL keep_apart('person');
GRANT SELECT, INSERT ON person TO hearth_app;

CREATE TABLE home (
    authority words NOT NULL DEFAULT this_authority(),
    id        bytea NOT NULL,
    change    bigint NOT NULL,
    PRIMARY KEY (authority, id),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id)
);
CALL keep_apart('home');
GRANT SELECT, INSERT ON home TO hearth_app;

CREATE TABLE fact (
    authority   words NOT NULL DEFAULT this_authority(),
    id          bytea NOT NULL,
    change      bigint NOT NULL,
    section     words NOT NULL,
    kind        words NOT NULL,
    family      bytea,
    person      bytea,
    other       bytea,                  -- the other person of a relationship
    home        bytea,
    first       bigint NOT NULL,
    last        bigint,
    source      words NOT NULL,
    source_kind words NOT NULL,
    reference   words,
    supersedes  bytea,
    key         words,                  -- what the record is searched by, in one spelling
    detail      words NOT NULL,
    PRIMARY KEY (authority, id),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id),
    FOREIGN KEY (authority, family) REFERENCES family (authority, id),
    FOREIGN KEY (authority, person) REFERENCES person (authority, id),
    FOREIGN KEY (authority, other) REFERENCES person (authority, id),
    FOREIGN KEY (authority, home) REFERENCES home (authority, id),
    FOREIGN KEY (authority, supersedes) REFERENCES fact (authority, id)
);
CREATE INDEX fact_family ON fact (authority, family) WHERE family IS NOT NULL;
CREATE INDEX fact_person ON fact (authority, person) WHERE person IS NOT NULL;
CREATE INDEX fact_home ON fact (authority, home) WHERE home IS NOT NULL;
CREATE INDEX fact_reference ON fact (authority, reference, source, kind) WHERE reference IS NOT NULL;
CREATE INDEX fact_key ON fact (authority, key) WHERE key IS NOT NULL;
CALL keep_apart('fact');
GRANT SELECT, INSERT ON fact TO hearth_app;

CREATE FUNCTION never_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a fact is never changed, only superseded';
END
$$;
CREATE TRIGGER fact_never_changes BEFORE UPDATE ON fact FOR EACH STATEMENT EXECUTE FUNCTION never_changes();

-- A fact is corrected once. Without a successor it was withdrawn.
CREATE TABLE superseded (
    authority words NOT NULL DEFAULT this_authority(),
    fact      bytea NOT NULL,
    successor bytea,
    change    bigint NOT NULL,
    PRIMARY KEY (authority, fact),
    FOREIGN KEY (authority, fact) REFERENCES fact (authority, id),
    FOREIGN KEY (authority, successor) REFERENCES fact (authority, id),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id)
);
CALL keep_apart('superseded');
GRANT SELECT, INSERT ON superseded TO hearth_app;

-- In the order in which it was said: a later statement replaces an earlier one.
CREATE TABLE coverage (
    authority words NOT NULL DEFAULT this_authority(),
    id        bigint NOT NULL,
    change    bigint NOT NULL,
    kind      words NOT NULL,
    person    bytea,                    -- none: every family of the authority
    first     bigint NOT NULL,
    last      bigint NOT NULL,
    state     words NOT NULL,
    source    words NOT NULL,
    PRIMARY KEY (authority, id),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id),
    FOREIGN KEY (authority, person) REFERENCES person (authority, id)
);
CREATE INDEX coverage_person ON coverage (authority, person) WHERE person IS NOT NULL;
CREATE INDEX coverage_feed ON coverage (authority, kind) WHERE person IS NULL;
CREATE INDEX coverage_partial ON coverage (authority, kind, source) WHERE person IS NOT NULL AND state = 'partial';
CALL keep_apart('coverage');
GRANT SELECT, INSERT ON coverage TO hearth_app;

CREATE FUNCTION next_coverage() RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    RETURN (SELECT COALESCE(MAX(id), 0) + 1 FROM hearth_record.coverage);
END
$$;
ALTER TABLE coverage ALTER id SET DEFAULT next_coverage();

-- Kept under the hash of its bytes. What is erased by law goes from here, and leaves its hash where it was named.
CREATE TABLE content (
    authority words NOT NULL DEFAULT this_authority(),
    digest    bytea NOT NULL,
    bytes     bytea NOT NULL,
    PRIMARY KEY (authority, digest)
);
CALL keep_apart('content');
GRANT SELECT, INSERT, DELETE ON content TO hearth_app;

-- A family's record after its n-th change.
CREATE TABLE family_revision (
    authority words NOT NULL DEFAULT this_authority(),
    family    bytea NOT NULL,
    revision  bigint NOT NULL,
    change    bigint NOT NULL,
    snapshot  bytea NOT NULL,
    PRIMARY KEY (authority, family, revision),
    FOREIGN KEY (authority, family) REFERENCES family (authority, id),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id)
);
CALL keep_apart('family_revision');
GRANT SELECT, INSERT ON family_revision TO hearth_app;

CREATE TABLE installation (
    authority    words NOT NULL DEFAULT this_authority(),
    id           bytea NOT NULL,
    plugin       words NOT NULL,
    digest       bytea NOT NULL,        -- of the plugin version, in the common schema
    grants       words NOT NULL,
    settings     words NOT NULL,
    status       words NOT NULL CHECK (status IN ('proposed', 'active', 'retired')),
    created_at   bigint NOT NULL,
    created_by   words NOT NULL,
    activated_at bigint,
    activated_by words,
    retired_at   bigint,
    retired_by   words,
    PRIMARY KEY (authority, id)
);
CALL keep_apart('installation');
GRANT SELECT, INSERT, UPDATE (grants, settings, status, activated_at, activated_by, retired_at, retired_by) ON installation TO hearth_app;

-- What an installation offers. `decides`: it is active and is asked; of outcomes and pathway one installation is.
CREATE TABLE installation_offer (
    authority       words NOT NULL DEFAULT this_authority(),
    installation    bytea NOT NULL,
    extension_point words NOT NULL,
    decides         bigint NOT NULL CHECK (decides IN (0, 1)),
    PRIMARY KEY (authority, installation, extension_point),
    FOREIGN KEY (authority, installation) REFERENCES installation (authority, id)
);
CREATE UNIQUE INDEX offer_decides ON installation_offer (authority, extension_point)
    WHERE decides = 1 AND extension_point IN ('outcomes', 'pathway');
CREATE INDEX offer_asked ON installation_offer (authority, extension_point, installation) WHERE decides = 1;
CALL keep_apart('installation_offer');
GRANT SELECT, INSERT, UPDATE (decides) ON installation_offer TO hearth_app;

CREATE TABLE decision (
    authority     words NOT NULL DEFAULT this_authority(),
    id            bytea NOT NULL,
    at            bigint NOT NULL,
    principal     words NOT NULL,
    family        bytea NOT NULL,
    revision      bigint NOT NULL,
    installation  bytea NOT NULL,
    question      words NOT NULL,
    as_of         bigint NOT NULL,
    known_after   bigint NOT NULL,      -- the last change that its coverage was read after
    snapshot      bytea NOT NULL,       -- content
    context       bytea NOT NULL,       -- content
    matter        bytea,                -- content: what the question was about; none where it was the record alone
    claims        words NOT NULL,       -- what had been claimed before, as the run was given it
    answer_digest bytea NOT NULL,
    answer        bytea NOT NULL,
    result        words NOT NULL,
    instructions  bigint NOT NULL,
    millis        bigint NOT NULL,
    peak_memory   bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (authority, id),
    FOREIGN KEY (authority, family) REFERENCES family (authority, id),
    FOREIGN KEY (authority, installation) REFERENCES installation (authority, id),
    FOREIGN KEY (authority, known_after) REFERENCES change (authority, id)
);
CREATE INDEX decision_family ON decision (authority, family, id);
CREATE INDEX decision_snapshot ON decision (authority, snapshot);
CREATE INDEX decision_installation ON decision (authority, installation, id);
CALL keep_apart('decision');
GRANT SELECT, INSERT ON decision TO hearth_app;

CREATE TABLE run (
    authority    words NOT NULL DEFAULT this_authority(),
    id           bytea NOT NULL,
    at           bigint NOT NULL,
    installation bytea NOT NULL,
    family       bytea,
    question     words NOT NULL,
    as_of        bigint NOT NULL,
    outcome      words NOT NULL,
    message      words,
    instructions bigint NOT NULL,
    millis       bigint NOT NULL,
    peak_memory  bigint NOT NULL,
    log          words NOT NULL,
    decision     bytea,                 -- that it came to; none: it failed
    PRIMARY KEY (authority, id),
    FOREIGN KEY (authority, installation) REFERENCES installation (authority, id),
    FOREIGN KEY (authority, family) REFERENCES family (authority, id),
    FOREIGN KEY (authority, decision) REFERENCES decision (authority, id)
);
CREATE INDEX run_installation ON run (authority, installation, id);
CREATE INDEX run_at ON run (authority, at);
CREATE INDEX run_decision ON run (authority, decision) WHERE decision IS NOT NULL;
CREATE INDEX run_failed ON run (authority, installation, id) WHERE outcome <> 'answered';
CALL keep_apart('run');
GRANT SELECT, INSERT, DELETE ON run TO hearth_app;

-- One result of a family is never claimed twice.
CREATE TABLE claim (
    authority   words NOT NULL DEFAULT this_authority(),
    id          bigint NOT NULL,
    decision    bytea NOT NULL,
    family      bytea NOT NULL,
    kind        words NOT NULL,
    amount      bigint NOT NULL,        -- pence
    entitled_on bigint NOT NULL,
    state       words NOT NULL,
    PRIMARY KEY (authority, id),
    UNIQUE (authority, family, kind),
    FOREIGN KEY (authority, decision) REFERENCES decision (authority, id),
    FOREIGN KEY (authority, family) REFERENCES family (authority, id)
);
CALL keep_apart('claim');
GRANT SELECT, INSERT ON claim TO hearth_app;

CREATE FUNCTION next_claim() RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    RETURN (SELECT COALESCE(MAX(id), 0) + 1 FROM hearth_record.claim);
END
$$;
ALTER TABLE claim ALTER id SET DEFAULT next_claim();

CREATE TABLE task (
    authority    words NOT NULL DEFAULT this_authority(),
    id           bytea NOT NULL,
    installation bytea NOT NULL,
    key          words NOT NULL,
    family       bytea NOT NULL,
    role         words NOT NULL,
    title        words NOT NULL,
    due          bigint NOT NULL,
    state        words NOT NULL CHECK (state IN ('open', 'done')),
    done_at      bigint,
    done_by      words,
    decision     bytea,                 -- none: the host's own, of a question that was not decided
    PRIMARY KEY (authority, id),
    FOREIGN KEY (authority, installation) REFERENCES installation (authority, id),
    FOREIGN KEY (authority, family) REFERENCES family (authority, id),
    FOREIGN KEY (authority, decision) REFERENCES decision (authority, id)
);
-- Proposing a key again while its task is open changes nothing.
CREATE UNIQUE INDEX task_open ON task (authority, installation, family, key) WHERE state = 'open';
CREATE INDEX task_family ON task (authority, family);
CREATE INDEX task_due ON task (authority, due, id) WHERE state = 'open';
CALL keep_apart('task');
GRANT SELECT, INSERT, UPDATE (state, done_at, done_by) ON task TO hearth_app;

CREATE TABLE idempotency (
    authority words NOT NULL DEFAULT this_authority(),
    principal words NOT NULL,
    key       words NOT NULL,
    route     words NOT NULL,
    body      bytea NOT NULL,           -- digest of the request's body
    status    bigint NOT NULL,
    response  bytea NOT NULL,
    at        bigint NOT NULL,
    PRIMARY KEY (authority, principal, key)
);
CREATE INDEX idempotency_at ON idempotency (authority, at);
CALL keep_apart('idempotency');
GRANT SELECT, INSERT, DELETE ON idempotency TO hearth_app;

-- Who carries out what is proposed, for each kind of action. The latest statement counts; without one the default does.
CREATE TABLE action_policy (
    authority words NOT NULL DEFAULT this_authority(),
    action    words NOT NULL,           -- code list actions
    change    bigint NOT NULL,
    policy    words NOT NULL,           -- code list policies
    PRIMARY KEY (authority, action, change),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id)
);
CALL keep_apart('action_policy');
GRANT SELECT, INSERT ON action_policy TO hearth_app;

-- What a plugin proposed, and what came of it. A task that was given out with its decision is a task and nothing here.
CREATE TABLE proposal (
    authority    words NOT NULL DEFAULT this_authority(),
    id           bytea NOT NULL,
    installation bytea NOT NULL,
    family       bytea NOT NULL,
    decision     bytea NOT NULL,
    action       words NOT NULL,        -- code list actions
    key          words NOT NULL,
    body         words NOT NULL,        -- as in the decision's answer
    person       bytea,                 -- whom it is about
    state        words NOT NULL CHECK (state IN ('waiting', 'confirmed', 'carried-out', 'declined')),
    settled_at   bigint,
    settled_by   words,
    reason       words,                 -- why it was declined
    task         bytea,                 -- what it became
    fact         bytea,                 -- what it became; of a change of standing, the last of its facts
    PRIMARY KEY (authority, id),
    FOREIGN KEY (authority, installation) REFERENCES installation (authority, id),
    FOREIGN KEY (authority, family) REFERENCES family (authority, id),
    FOREIGN KEY (authority, decision) REFERENCES decision (authority, id),
    FOREIGN KEY (authority, person) REFERENCES person (authority, id),
    FOREIGN KEY (authority, task) REFERENCES task (authority, id),
    FOREIGN KEY (authority, fact) REFERENCES fact (authority, id)
);
-- Proposing a key again while it is open changes nothing.
CREATE UNIQUE INDEX proposal_open ON proposal (authority, installation, family, key) WHERE state IN ('waiting', 'confirmed');
CREATE INDEX proposal_state ON proposal (authority, state, id);
CREATE INDEX proposal_family ON proposal (authority, family, state, id);
CREATE INDEX proposal_decision ON proposal (authority, decision);
CREATE INDEX proposal_fact ON proposal (authority, installation, family, key) WHERE fact IS NOT NULL;
CALL keep_apart('proposal');
GRANT SELECT, INSERT, UPDATE (state, settled_at, settled_by, reason, task, fact) ON proposal TO hearth_app;

-- Tables that the authority supplies, every version of them: the latest counts.
CREATE TABLE supplied_table (
    authority    words NOT NULL DEFAULT this_authority(),
    id           bigint NOT NULL,
    installation bytea,                 -- none: one of the host's own, for every plugin
    name         words NOT NULL,
    version      bigint NOT NULL,
    change       bigint NOT NULL,
    content      words NOT NULL,        -- JSON: the rows as they were sent
    PRIMARY KEY (authority, id),
    FOREIGN KEY (authority, installation) REFERENCES installation (authority, id),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id)
);
CREATE UNIQUE INDEX supplied_of_plugin ON supplied_table (authority, installation, name, version) WHERE installation IS NOT NULL;
CREATE UNIQUE INDEX supplied_of_host ON supplied_table (authority, name, version) WHERE installation IS NULL;
CALL keep_apart('supplied_table');
GRANT SELECT, INSERT ON supplied_table TO hearth_app;

CREATE FUNCTION next_supplied_table() RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    RETURN (SELECT COALESCE(MAX(id), 0) + 1 FROM hearth_record.supplied_table);
END
$$;
ALTER TABLE supplied_table ALTER id SET DEFAULT next_supplied_table();

-- Questions whose last run failed and that nothing was decided about since. Goes when it is decided.
CREATE TABLE undecided (
    authority    words NOT NULL DEFAULT this_authority(),
    id           bytea NOT NULL,
    family       bytea NOT NULL,
    key          bytea NOT NULL,        -- digest of the question and what it is about
    question     words NOT NULL,
    asked        words NOT NULL,        -- JSON: the question as it was asked, with what was typed
    as_of        bigint NOT NULL,
    installation bytea NOT NULL,        -- that failed last
    outcome      words NOT NULL,        -- code of what stopped it
    blame        words NOT NULL CHECK (blame IN ('guest', 'host', 'authority')),
    run          bytea,                 -- its last run, while that is kept; none: it was not begun
    asked_by     words NOT NULL,
    first_at     bigint NOT NULL,
    last_at      bigint NOT NULL,
    failures     bigint NOT NULL,
    retry_at     bigint,                -- when the host tries again by itself
    PRIMARY KEY (authority, id),
    FOREIGN KEY (authority, family) REFERENCES family (authority, id),
    FOREIGN KEY (authority, installation) REFERENCES installation (authority, id)
);
CREATE UNIQUE INDEX undecided_key ON undecided (authority, family, key);
CREATE INDEX undecided_retry ON undecided (authority, retry_at) WHERE retry_at IS NOT NULL;
CALL keep_apart('undecided');
GRANT SELECT, INSERT, DELETE,
    UPDATE (asked, as_of, installation, outcome, blame, run, last_at, failures, retry_at) ON undecided TO hearth_app;

-- What a failure means, for each question. The latest statement counts; without one the default does.
CREATE TABLE failure_policy (
    authority words NOT NULL DEFAULT this_authority(),
    question  words NOT NULL,
    change    bigint NOT NULL,
    policy    words NOT NULL CHECK (policy IN ('to-a-person', 'open')),
    PRIMARY KEY (authority, question, change),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id)
);
CALL keep_apart('failure_policy');
GRANT SELECT, INSERT ON failure_policy TO hearth_app;

-- When an installation was parked and brought back.
CREATE TABLE parking (
    authority    words NOT NULL DEFAULT this_authority(),
    id           bigint NOT NULL,
    installation bytea NOT NULL,
    since        bigint NOT NULL,
    why          words NOT NULL,        -- in words, none of them the guest's
    failures     bigint NOT NULL,
    runs         bigint NOT NULL,       -- that were looked at
    ended_at     bigint,
    ended_by     words,
    reason       words,
    PRIMARY KEY (authority, id),
    FOREIGN KEY (authority, installation) REFERENCES installation (authority, id)
);
CREATE UNIQUE INDEX parking_now ON parking (authority, installation) WHERE ended_at IS NULL;
CREATE INDEX parking_installation ON parking (authority, installation, id);
CALL keep_apart('parking');
GRANT SELECT, INSERT, UPDATE (ended_at, ended_by, reason) ON parking TO hearth_app;

CREATE FUNCTION next_parking() RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    RETURN (SELECT COALESCE(MAX(id), 0) + 1 FROM hearth_record.parking);
END
$$;
ALTER TABLE parking ALTER id SET DEFAULT next_parking();
