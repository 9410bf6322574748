-- The way of a claim, from its draft to its money; and the questions that are asked of every family when their time has come. As
-- sqlite/authority/0015.

CREATE TABLE claim_rules (
    authority words NOT NULL DEFAULT this_authority(),
    change    bigint NOT NULL,
    rules     words NOT NULL,          -- JSON
    PRIMARY KEY (authority, change),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id)
);
CALL keep_apart('claim_rules');
GRANT SELECT, INSERT ON claim_rules TO hearth_app;

-- Claims that are sent together, as one file.
CREATE TABLE claim_batch (
    authority words NOT NULL DEFAULT this_authority(),
    id        bigint NOT NULL,
    change    bigint NOT NULL,
    state     words NOT NULL CHECK (state IN ('made', 'submitted', 'discarded')),
    claims    bigint NOT NULL,
    amount    bigint NOT NULL,         -- pence
    digest    bytea NOT NULL,          -- of the file's bytes
    PRIMARY KEY (authority, id),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id)
);
CALL keep_apart('claim_batch');
GRANT SELECT, INSERT, UPDATE (state) ON claim_batch TO hearth_app;

-- A row of that file, as it was when the batch was made.
CREATE TABLE claim_in_batch (
    authority   words NOT NULL DEFAULT this_authority(),
    batch       bigint NOT NULL,
    position    bigint NOT NULL,       -- from 1
    claim       bigint NOT NULL,
    family      bytea NOT NULL,
    decision    bytea NOT NULL,
    kind        words NOT NULL,
    amount      bigint NOT NULL,       -- pence
    entitled_on bigint NOT NULL,
    evidence    bytea NOT NULL,        -- digest of the evidence that was approved
    PRIMARY KEY (authority, batch, position),
    FOREIGN KEY (authority, batch) REFERENCES claim_batch (authority, id),
    FOREIGN KEY (authority, claim) REFERENCES claim (authority, id),
    FOREIGN KEY (authority, family) REFERENCES family (authority, id),
    FOREIGN KEY (authority, decision) REFERENCES decision (authority, id)
);
CREATE INDEX claim_in_batch_claim ON claim_in_batch (authority, claim);
CALL keep_apart('claim_in_batch');
GRANT SELECT, INSERT ON claim_in_batch TO hearth_app;

-- What was done to a claim. `claim.state` is where the last of these left it.
CREATE TABLE claim_step (
    authority words NOT NULL DEFAULT this_authority(),
    id        bigint NOT NULL,
    claim     bigint NOT NULL,
    change    bigint NOT NULL,
    act       words NOT NULL,
    state     words NOT NULL,          -- afterwards
    stage     words,                   -- of the audit
    reason    words,
    amount    bigint,                  -- pence that were paid, or paid back
    day       bigint,                  -- on which
    reference words,                   -- the payer's
    batch     bigint,
    digest    bytea,                   -- of the evidence as it was approved
    PRIMARY KEY (authority, id),
    FOREIGN KEY (authority, claim) REFERENCES claim (authority, id),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id),
    FOREIGN KEY (authority, batch) REFERENCES claim_batch (authority, id)
);
CREATE INDEX claim_step_claim ON claim_step (authority, claim, id);
CALL keep_apart('claim_step');
GRANT SELECT, INSERT, UPDATE (reason) ON claim_step TO hearth_app;

-- The stages that stood before a claim when it was put forward, and whether it was drawn to be looked at in each.
CREATE TABLE claim_stage (
    authority words NOT NULL DEFAULT this_authority(),
    step      bigint NOT NULL,
    position  bigint NOT NULL,         -- from 1
    name      words NOT NULL,
    roles     words NOT NULL,          -- codes, with spaces between: who may pass it
    share     bigint NOT NULL,         -- of a hundred claims
    drawn     bigint NOT NULL,         -- of ten thousand: below 100 x share it is looked at
    another   bigint NOT NULL,         -- 1: by nobody who had a hand in it before
    PRIMARY KEY (authority, step, position),
    FOREIGN KEY (authority, step) REFERENCES claim_step (authority, id)
);
CALL keep_apart('claim_stage');
GRANT SELECT, INSERT ON claim_stage TO hearth_app;
CREATE INDEX claim_state ON claim (authority, state, id);

-- When every family is asked about. Every statement is kept, the latest counts.
CREATE TABLE evaluation_schedule (
    authority words NOT NULL DEFAULT this_authority(),
    change    bigint NOT NULL,
    schedule  words NOT NULL,          -- JSON
    PRIMARY KEY (authority, change),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id)
);
CALL keep_apart('evaluation_schedule');
GRANT SELECT, INSERT ON evaluation_schedule TO hearth_app;

-- One such time: once, however many hosts there are.
CREATE TABLE evaluation (
    authority words NOT NULL DEFAULT this_authority(),
    id        bigint NOT NULL,
    due       bigint NOT NULL,
    question  words NOT NULL,
    as_of     bigint NOT NULL,
    state     words NOT NULL CHECK (state IN ('running', 'done', 'failed')),
    reached   bytea,                   -- the last family that is done with
    holder    words,                   -- which host is at it
    lease     bigint NOT NULL,         -- until when nobody else begins where it stands
    failures  bigint NOT NULL DEFAULT 0,
    begun     bigint NOT NULL,
    ended     bigint,
    came      words NOT NULL,          -- JSON: what it came to until now
    why       words,                   -- it could not go on
    PRIMARY KEY (authority, id),
    UNIQUE (authority, due),
    FOREIGN KEY (authority, reached) REFERENCES family (authority, id)
);
CREATE INDEX evaluation_running ON evaluation (authority, lease) WHERE state = 'running';
CALL keep_apart('evaluation');
GRANT SELECT, INSERT, UPDATE (state, reached, holder, lease, failures, ended, came, why) ON evaluation TO hearth_app;

-- When a decision said to look again, the earliest day of its findings.
CREATE TABLE look_again (
    authority words NOT NULL DEFAULT this_authority(),
    decision  bytea NOT NULL,
    family    bytea NOT NULL,
    question  words NOT NULL,
    day       bigint NOT NULL,
    PRIMARY KEY (authority, decision),
    FOREIGN KEY (authority, decision) REFERENCES decision (authority, id),
    FOREIGN KEY (authority, family) REFERENCES family (authority, id)
);
CREATE INDEX look_again_day ON look_again (authority, day, decision);
CALL keep_apart('look_again');
GRANT SELECT, INSERT ON look_again TO hearth_app;

CREATE FUNCTION next_claim_step() RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    RETURN (SELECT COALESCE(MAX(id), 0) + 1 FROM hearth_record.claim_step);
END
$$;
ALTER TABLE claim_step ALTER id SET DEFAULT next_claim_step();
CREATE FUNCTION next_claim_batch() RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    RETURN (SELECT COALESCE(MAX(id), 0) + 1 FROM hearth_record.claim_batch);
END
$$;
ALTER TABLE claim_batch ALTER id SET DEFAULT next_claim_batch();
CREATE FUNCTION next_evaluation() RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    RETURN (SELECT COALESCE(MAX(id), 0) + 1 FROM hearth_record.evaluation);
END
$$;
ALTER TABLE evaluation ALTER id SET DEFAULT next_evaluation();
