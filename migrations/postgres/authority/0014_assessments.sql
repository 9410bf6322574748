-- Assessments as they are made: typed, submitted, signed, amended; what is asked for and not there yet; the plan; encounters and services.
-- What plugins read of any of it are facts; here is what people work with. As sqlite/authority/0014.

-- One version of an assessment. Amended or sent back it stays as it was, and another version begins with its answers.
CREATE TABLE assessment (
    authority    words NOT NULL DEFAULT this_authority(),
    id           bytea NOT NULL,
    family       bytea NOT NULL,
    person       bytea,                      -- whom it is about; none: the family
    installation bytea NOT NULL,             -- the plugin version that it began with
    form         words NOT NULL,
    digest       bytea NOT NULL,             -- of the form
    line         bytea NOT NULL,             -- its first version
    version      bigint NOT NULL,            -- from 1
    state        words NOT NULL CHECK (state IN ('draft', 'submitted', 'completed', 'signed-by-family', 'signed-off', 'sent-back', 'superseded', 'given-up')),
    answers      words NOT NULL,             -- JSON, as typed; empty: erased
    settled      words,                      -- JSON: what applied and what was lent, of one that was submitted
    asked        bytea,                      -- by which the question about it is known
    assessed     bigint,                     -- the day that it is as of
    decision     bytea,
    principal    words NOT NULL,
    change       bigint NOT NULL,
    typed_by     words NOT NULL,
    typed_at     bigint NOT NULL,
    PRIMARY KEY (authority, id),
    FOREIGN KEY (authority, family) REFERENCES family (authority, id),
    FOREIGN KEY (authority, person) REFERENCES person (authority, id),
    FOREIGN KEY (authority, installation) REFERENCES installation (authority, id),
    FOREIGN KEY (authority, decision) REFERENCES decision (authority, id),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id)
);
CREATE INDEX assessment_family ON assessment (authority, family, id);
CREATE INDEX assessment_asked ON assessment (authority, asked) WHERE state = 'submitted';
CREATE UNIQUE INDEX assessment_line ON assessment (authority, line, version);
-- Of one assessment one version at a time is worked on.
CREATE UNIQUE INDEX assessment_open ON assessment (authority, line) WHERE state IN ('draft', 'submitted');
CALL keep_apart('assessment');
GRANT SELECT, INSERT, UPDATE (person, state, answers, settled, asked, assessed, decision, typed_by, typed_at) ON assessment TO hearth_app;

-- What was done with it, in order.
CREATE TABLE assessment_act (
    authority  words NOT NULL DEFAULT this_authority(),
    assessment bytea NOT NULL,
    position   bigint NOT NULL,
    act        words NOT NULL CHECK (act IN ('submitted', 'completed', 'incomplete', 'signed', 'signed-off', 'sent-back', 'amended', 'given-up')),
    person     bytea,                        -- who signed for the family
    how        words CHECK (how IN ('in-person', 'read-over-phone')),
    day        bigint,                       -- on which they signed
    why        words,
    principal  words NOT NULL,
    at         bigint NOT NULL,
    PRIMARY KEY (authority, assessment, position),
    FOREIGN KEY (authority, assessment) REFERENCES assessment (authority, id),
    FOREIGN KEY (authority, person) REFERENCES person (authority, id)
);
CALL keep_apart('assessment_act');
GRANT SELECT, INSERT, UPDATE (why) ON assessment_act TO hearth_app;

-- The facts that a version put into the record: itself, and its scores.
CREATE TABLE assessment_fact (
    authority  words NOT NULL DEFAULT this_authority(),
    assessment bytea NOT NULL,
    fact       bytea NOT NULL,
    PRIMARY KEY (authority, assessment, fact),
    FOREIGN KEY (authority, assessment) REFERENCES assessment (authority, id),
    FOREIGN KEY (authority, fact) REFERENCES fact (authority, id)
);
CREATE INDEX assessment_fact_fact ON assessment_fact (authority, fact);
CALL keep_apart('assessment_fact');
GRANT SELECT, INSERT, DELETE ON assessment_fact TO hearth_app;

-- An assessment, or the next review, that is due: asked for by a plugin and confirmed, or by somebody.
CREATE TABLE assessment_request (
    authority   words NOT NULL DEFAULT this_authority(),
    id          bytea NOT NULL,
    family      bytea NOT NULL,
    person      bytea,
    form        words NOT NULL,
    due         bigint NOT NULL,
    why         words,                       -- of whoever asked; none: a plugin did
    proposal    bytea,
    state       words NOT NULL CHECK (state IN ('open', 'met', 'dropped')),
    principal   words NOT NULL,
    change      bigint NOT NULL,
    assessment  bytea,                       -- that met it
    settled_at  bigint,
    settled_by  words,
    settled_why words,
    PRIMARY KEY (authority, id),
    FOREIGN KEY (authority, family) REFERENCES family (authority, id),
    FOREIGN KEY (authority, person) REFERENCES person (authority, id),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id),
    FOREIGN KEY (authority, assessment) REFERENCES assessment (authority, id)
);
CREATE INDEX assessment_request_family ON assessment_request (authority, family);
CREATE INDEX assessment_request_due ON assessment_request (authority, due, id) WHERE state = 'open';
CALL keep_apart('assessment_request');
GRANT SELECT, INSERT, UPDATE (person, why, state, assessment, settled_at, settled_by, settled_why) ON assessment_request TO hearth_app;

-- The family is to be asked whether something may be told to others: ends in what is shared, or in a no.
CREATE TABLE consent_request (
    authority   words NOT NULL DEFAULT this_authority(),
    id          bytea NOT NULL,
    family      bytea NOT NULL,
    person      bytea,
    sections    bigint NOT NULL,
    to_kind     words NOT NULL,              -- code list organisation-kinds
    due         bigint NOT NULL,
    proposal    bytea NOT NULL,
    state       words NOT NULL CHECK (state IN ('open', 'agreed', 'refused')),
    principal   words NOT NULL,
    change      bigint NOT NULL,
    share       bytea,
    settled_at  bigint,
    settled_by  words,
    settled_why words,
    PRIMARY KEY (authority, id),
    FOREIGN KEY (authority, family) REFERENCES family (authority, id),
    FOREIGN KEY (authority, person) REFERENCES person (authority, id),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id),
    FOREIGN KEY (authority, share) REFERENCES share (authority, id)
);
CREATE INDEX consent_request_family ON consent_request (authority, family);
CREATE INDEX consent_request_due ON consent_request (authority, due, id) WHERE state = 'open';
CALL keep_apart('consent_request');
GRANT SELECT, INSERT, UPDATE (person, state, share, settled_at, settled_by, settled_why) ON consent_request TO hearth_app;

-- What the plan says of a goal beside its fact: by the first fact of its line, so that it goes wherever the goal goes.
CREATE TABLE plan_goal (
    authority   words NOT NULL DEFAULT this_authority(),
    goal        bytea NOT NULL,
    place       bigint NOT NULL,             -- in the sequence
    measured    words,                       -- how
    begins_at   words,
    target      words,
    raised_from bytea,                       -- the goal that was met before it
    ended_why   words,                       -- why it was dropped
    principal   words NOT NULL,
    change      bigint NOT NULL,
    PRIMARY KEY (authority, goal),
    FOREIGN KEY (authority, goal) REFERENCES fact (authority, id),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id)
);
CALL keep_apart('plan_goal');
GRANT SELECT, INSERT, DELETE, UPDATE (place, measured, begins_at, target, ended_why) ON plan_goal TO hearth_app;

-- What is known of a contact beside its fact.
CREATE TABLE encounter (
    authority words NOT NULL DEFAULT this_authority(),
    contact   bytea NOT NULL,
    login     bytea,                         -- who made it
    minutes   bigint,
    principal words NOT NULL,
    change    bigint NOT NULL,
    PRIMARY KEY (authority, contact),
    FOREIGN KEY (authority, contact) REFERENCES fact (authority, id),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id)
);
CALL keep_apart('encounter');
GRANT SELECT, INSERT, DELETE ON encounter TO hearth_app;
CREATE TABLE encounter_person (
    authority words NOT NULL DEFAULT this_authority(),
    contact   bytea NOT NULL,
    person    bytea NOT NULL,
    PRIMARY KEY (authority, contact, person),
    FOREIGN KEY (authority, contact) REFERENCES fact (authority, id),
    FOREIGN KEY (authority, person) REFERENCES person (authority, id)
);
CALL keep_apart('encounter_person');
GRANT SELECT, INSERT, DELETE ON encounter_person TO hearth_app;

-- On which day a service that was asked for began, by the first fact of its line.
CREATE TABLE service_began (
    authority words NOT NULL DEFAULT this_authority(),
    service   bytea NOT NULL,
    began     bigint NOT NULL,
    principal words NOT NULL,
    change    bigint NOT NULL,
    PRIMARY KEY (authority, service),
    FOREIGN KEY (authority, service) REFERENCES fact (authority, id),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id)
);
CALL keep_apart('service_began');
GRANT SELECT, INSERT, DELETE, UPDATE (began) ON service_began TO hearth_app;
