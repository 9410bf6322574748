-- The front door: referrals and what became of them, what people set aside of what plugins decided, and who can take a family.
-- As sqlite/authority/0013.

-- A referral, from whoever sent it. `told`: whom it names, as its sender describes them.
CREATE TABLE referral (
    authority         words NOT NULL DEFAULT this_authority(),
    id                bytea NOT NULL,
    change            bigint NOT NULL,
    came_on           bigint NOT NULL,         -- day
    route             words NOT NULL,          -- code list referral-routes
    organisation      words,                   -- in the common file; none: the family itself, or found
    organisation_kind words,
    sent_by           words NOT NULL,
    sender            bytea,                   -- login; none: a system
    urgent            bigint NOT NULL CHECK (urgent IN (0, 1)),
    agreed            bigint CHECK (agreed IN (0, 1)),
    problems          words NOT NULL,          -- JSON, code list problems
    told              words NOT NULL,          -- JSON
    words             words,                   -- what the sender wrote
    state             words NOT NULL CHECK (state IN ('received', 'settled', 'triaged', 'asked', 'closed')),
    family            bytea,
    settled           bytea,                   -- whom it was about before families merged
    settled_by        words,
    settled_at        bigint,
    found_by          bytea,                   -- proactive: the answer by which it was found
    decision          bytea,                   -- the latest triage
    outcome           words,                   -- code list triages
    level             words,
    goes_to           words,                   -- the pathway's route
    priority          words,                   -- code list priorities
    outcome_at        bigint,
    outcome_by        words,
    reason            words,                   -- where a person set the pathway aside, or decided without it
    question          words,                   -- what the sender is asked
    answer_by         bigint NOT NULL,         -- the day by which the sender is to hear
    reminded          bigint NOT NULL DEFAULT 0 CHECK (reminded IN (0, 1)),
    tell_at           bigint,                  -- the sender is to be told, not before
    tell_tries        bigint NOT NULL DEFAULT 0,
    told_at           bigint,
    PRIMARY KEY (authority, id),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id),
    FOREIGN KEY (authority, family) REFERENCES family (authority, id),
    FOREIGN KEY (authority, settled) REFERENCES family (authority, id),
    FOREIGN KEY (authority, found_by) REFERENCES decision (authority, id),
    FOREIGN KEY (authority, decision) REFERENCES decision (authority, id)
);
CREATE INDEX referral_state ON referral (authority, state, id);
CREATE INDEX referral_due ON referral (authority, answer_by) WHERE state <> 'closed';
CREATE INDEX referral_family ON referral (authority, family, id) WHERE family IS NOT NULL;
CREATE INDEX referral_decision ON referral (authority, decision) WHERE decision IS NOT NULL;
CREATE INDEX referral_found ON referral (authority, found_by) WHERE found_by IS NOT NULL;
CREATE INDEX referral_tell ON referral (authority, tell_at) WHERE tell_at IS NOT NULL;
CREATE INDEX referral_sender ON referral (authority, sent_by, id);
CALL keep_apart('referral');
GRANT SELECT, INSERT, UPDATE (agreed, urgent, problems, told, words, state, family, settled, settled_by, settled_at, decision, outcome,
    level, goes_to, priority, outcome_at, outcome_by, reason, question, answer_by, reminded, tell_at, tell_tries, told_at) ON referral TO hearth_app;

-- People of the record whom it names.
CREATE TABLE referral_person (
    authority words NOT NULL DEFAULT this_authority(),
    referral  bytea NOT NULL,
    person    bytea NOT NULL,
    PRIMARY KEY (authority, referral, person),
    FOREIGN KEY (authority, referral) REFERENCES referral (authority, id),
    FOREIGN KEY (authority, person) REFERENCES person (authority, id)
);
CREATE INDEX referral_person_person ON referral_person (authority, person);
CALL keep_apart('referral_person');
GRANT SELECT, INSERT, DELETE ON referral_person TO hearth_app;

-- What the sender added.
CREATE TABLE referral_added (
    authority words NOT NULL DEFAULT this_authority(),
    referral  bytea NOT NULL,
    change    bigint NOT NULL,
    words     words NOT NULL,
    PRIMARY KEY (authority, referral, change),
    FOREIGN KEY (authority, referral) REFERENCES referral (authority, id),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id)
);
CALL keep_apart('referral_added');
GRANT SELECT, INSERT, UPDATE (words) ON referral_added TO hearth_app;

-- What a person put in the place of what a plugin decided, or did where it decided nothing. The decision stays.
CREATE TABLE override (
    authority words NOT NULL DEFAULT this_authority(),
    id        bytea NOT NULL,
    change    bigint NOT NULL,
    family    bytea NOT NULL,
    decision  bytea,                           -- none: nothing was decided of it
    about     words NOT NULL,                  -- the question, the kind of action, or `caseload`
    instead   words NOT NULL,                  -- JSON: codes, names of the pathway, ids
    reason    words NOT NULL,
    principal words NOT NULL,
    PRIMARY KEY (authority, id),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id),
    FOREIGN KEY (authority, family) REFERENCES family (authority, id),
    FOREIGN KEY (authority, decision) REFERENCES decision (authority, id)
);
CREATE INDEX override_family ON override (authority, family, id);
CREATE INDEX override_decision ON override (authority, decision) WHERE decision IS NOT NULL;
CALL keep_apart('override');
GRANT SELECT, INSERT, UPDATE (instead, reason) ON override TO hearth_app;

-- Within how many days who sends a referral hears what became of it. The latest statement counts; without one the default does.
CREATE TABLE front_door (
    authority   words NOT NULL DEFAULT this_authority(),
    change      bigint NOT NULL,
    answer_days bigint NOT NULL,
    near_days   bigint NOT NULL,
    PRIMARY KEY (authority, change),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id)
);
CALL keep_apart('front_door');
GRANT SELECT, INSERT ON front_door TO hearth_app;

-- How many families a worker may have, and what they know well. The latest statement counts.
CREATE TABLE worker_profile (
    authority words NOT NULL DEFAULT this_authority(),
    login     bytea NOT NULL,
    change    bigint NOT NULL,
    most      bigint,                          -- none: no limit is set
    strengths words NOT NULL,                  -- JSON, code list problems
    PRIMARY KEY (authority, login, change),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id)
);
CALL keep_apart('worker_profile');
GRANT SELECT, INSERT ON worker_profile TO hearth_app;

-- Who stood at which place among the candidates that an allocation was asked about.
CREATE TABLE allocation_candidate (
    authority words NOT NULL DEFAULT this_authority(),
    decision  bytea NOT NULL,
    place     bigint NOT NULL,                 -- from 1, as the answer counts them
    login     bytea NOT NULL,
    PRIMARY KEY (authority, decision, place),
    FOREIGN KEY (authority, decision) REFERENCES decision (authority, id)
);
CALL keep_apart('allocation_candidate');
GRANT SELECT, INSERT ON allocation_candidate TO hearth_app;
