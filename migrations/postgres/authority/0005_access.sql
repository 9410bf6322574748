-- Who may see and do what with the families of this authority. Sections are a number with a bit for each, in the order of
-- `Section::ALL`; purposes likewise. As sqlite/authority/0005.

-- What a login (common schema) does here, and when.
CREATE TABLE role_held (
    authority words NOT NULL DEFAULT this_authority(),
    id        bytea NOT NULL,
    login     bytea NOT NULL,
    role      words NOT NULL,
    first     bigint NOT NULL,
    last      bigint,
    change    bigint NOT NULL,
    PRIMARY KEY (authority, id),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id)
);
CREATE INDEX role_held_login ON role_held (authority, login);
CALL keep_apart('role_held');
GRANT SELECT, INSERT, UPDATE (last) ON role_held TO hearth_app;

-- A worker's part in a case.
CREATE TABLE assignment (
    authority words NOT NULL DEFAULT this_authority(),
    id        bytea NOT NULL,
    login     bytea NOT NULL,
    family    bytea NOT NULL,
    role      words NOT NULL,           -- code list roles
    first     bigint NOT NULL,
    last      bigint,
    change    bigint NOT NULL,
    PRIMARY KEY (authority, id),
    FOREIGN KEY (authority, family) REFERENCES family (authority, id),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id)
);
CREATE INDEX assignment_login ON assignment (authority, login, family);
CREATE INDEX assignment_family ON assignment (authority, family);
CALL keep_apart('assignment');
GRANT SELECT, INSERT, UPDATE (last) ON assignment TO hearth_app;

-- Somebody is away, and somebody else has their cases meanwhile.
CREATE TABLE cover (
    authority words NOT NULL DEFAULT this_authority(),
    id        bytea NOT NULL,
    absent    bytea NOT NULL,
    stand_in  bytea NOT NULL,
    first     bigint NOT NULL,
    last      bigint NOT NULL,
    change    bigint NOT NULL,
    PRIMARY KEY (authority, id),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id)
);
CREATE INDEX cover_stand_in ON cover (authority, stand_in);
CALL keep_apart('cover');
GRANT SELECT, INSERT ON cover TO hearth_app;

-- What may be shared with an organisation, for what, and by which law.
CREATE TABLE agreement (
    authority    words NOT NULL DEFAULT this_authority(),
    id           bytea NOT NULL,
    organisation words NOT NULL,        -- in the common schema
    sections     bigint NOT NULL,
    purposes     bigint NOT NULL,
    basis        words NOT NULL,
    first        bigint NOT NULL,
    last         bigint,
    change       bigint NOT NULL,
    PRIMARY KEY (authority, id),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id)
);
CREATE INDEX agreement_organisation ON agreement (authority, organisation);
CALL keep_apart('agreement');
GRANT SELECT, INSERT, UPDATE (last) ON agreement TO hearth_app;

-- A family, or one of its people, is shared under an agreement: by consent, or with notice where the law needs no consent.
CREATE TABLE share (
    authority    words NOT NULL DEFAULT this_authority(),
    id           bytea NOT NULL,
    agreement    bytea NOT NULL,
    family       bytea NOT NULL,
    person       bytea,                 -- none: the whole family
    sections     bigint NOT NULL,
    by_consent   bigint NOT NULL CHECK (by_consent IN (0, 1)),
    why          words NOT NULL,
    how          words NOT NULL,        -- how consent or notice was given
    given_by     words NOT NULL,        -- who agreed, or was told
    given_on     bigint NOT NULL,
    change       bigint NOT NULL,
    withdrawn_at bigint,
    withdrawn_by words,
    withdrawal   words,                 -- how
    objected_at  bigint,
    objected_by  words,
    objection    words,
    PRIMARY KEY (authority, id),
    FOREIGN KEY (authority, agreement) REFERENCES agreement (authority, id),
    FOREIGN KEY (authority, family) REFERENCES family (authority, id),
    FOREIGN KEY (authority, person) REFERENCES person (authority, id),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id)
);
CREATE INDEX share_agreement ON share (authority, agreement, family);
CREATE INDEX share_family ON share (authority, family);
CALL keep_apart('share');
GRANT SELECT, INSERT, UPDATE (withdrawn_at, withdrawn_by, withdrawal, objected_at, objected_by, objection) ON share TO hearth_app;

-- Hides a fact, or a member of a family, from all but those who are named. A seal on a fact names no family.
CREATE TABLE seal (
    authority words NOT NULL DEFAULT this_authority(),
    id        bytea NOT NULL,
    fact      bytea,
    family    bytea,
    person    bytea,
    reason    words NOT NULL,
    sealed_by words NOT NULL,
    change    bigint NOT NULL,
    until     bigint,                   -- the last day
    lifted    bigint,
    lifted_by words,
    lifting   words,                    -- why
    PRIMARY KEY (authority, id),
    FOREIGN KEY (authority, fact) REFERENCES fact (authority, id),
    FOREIGN KEY (authority, family) REFERENCES family (authority, id),
    FOREIGN KEY (authority, person) REFERENCES person (authority, id),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id),
    FOREIGN KEY (authority, lifted) REFERENCES change (authority, id)
);
CREATE INDEX seal_fact ON seal (authority, fact) WHERE fact IS NOT NULL;
CREATE INDEX seal_member ON seal (authority, family, person) WHERE person IS NOT NULL;
CALL keep_apart('seal');
GRANT SELECT, INSERT, UPDATE (lifted, lifted_by, lifting) ON seal TO hearth_app;

CREATE TABLE seal_name (
    authority words NOT NULL DEFAULT this_authority(),
    seal      bytea NOT NULL,
    login     bytea NOT NULL,
    PRIMARY KEY (authority, seal, login),
    FOREIGN KEY (authority, seal) REFERENCES seal (authority, id)
);
CALL keep_apart('seal_name');
GRANT SELECT, INSERT ON seal_name TO hearth_app;

-- Somebody opened a family that is not theirs, because something could not wait; a manager looks at it afterwards.
CREATE TABLE emergency (
    authority words NOT NULL DEFAULT this_authority(),
    id        bytea NOT NULL,
    login     bytea NOT NULL,
    name      words NOT NULL,
    family    bytea NOT NULL,
    reason    words NOT NULL,
    begun_at  bigint NOT NULL,
    ends_at   bigint NOT NULL,
    change    bigint NOT NULL,
    seen_at   bigint,
    seen_by   words,
    PRIMARY KEY (authority, id),
    FOREIGN KEY (authority, family) REFERENCES family (authority, id),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id)
);
CREATE INDEX emergency_login ON emergency (authority, login, family);
CREATE INDEX emergency_unseen ON emergency (authority, id) WHERE seen_at IS NULL;
CALL keep_apart('emergency');
GRANT SELECT, INSERT, UPDATE (seen_at, seen_by) ON emergency TO hearth_app;

-- Every section whose facts were delivered to a decision's run: who may not see them gets the bare result, or nothing.
ALTER TABLE decision ADD COLUMN label bigint NOT NULL DEFAULT 0;
-- Of every authority's decisions: the owner is not bound until they are done. What reads JSON here refuses U+0000 even where it is not
-- asked for; a blank in its place changes no code of a section.
ALTER TABLE decision NO FORCE ROW LEVEL SECURITY;
UPDATE decision SET label = COALESCE((
    SELECT SUM(CASE d.code
        WHEN 'household' THEN 1 WHEN 'education' THEN 2 WHEN 'offending' THEN 4 WHEN 'safeguarding' THEN 8 WHEN 'abuse' THEN 16
        WHEN 'health' THEN 32 WHEN 'employment' THEN 64 WHEN 'housing' THEN 128 WHEN 'finance' THEN 256 WHEN 'support' THEN 512
        WHEN 'identity' THEN 1024 WHEN 'assessments' THEN 2048 WHEN 'notes' THEN 4096 ELSE 0 END)
    FROM json_array_elements_text(replace(convert_from(decision.answer, 'UTF8'), '\u0000', '\u0020')::json -> 'delivered') AS d (code)), 0);
ALTER TABLE decision FORCE ROW LEVEL SECURITY;

-- The seals whose facts were delivered to a decision's run: who is not named in each does not see that there is a decision.
CREATE TABLE decision_seal (
    authority words NOT NULL DEFAULT this_authority(),
    decision  bytea NOT NULL,
    seal      bytea NOT NULL,
    PRIMARY KEY (authority, decision, seal),
    FOREIGN KEY (authority, decision) REFERENCES decision (authority, id),
    FOREIGN KEY (authority, seal) REFERENCES seal (authority, id)
);
CALL keep_apart('decision_seal');
GRANT SELECT, INSERT ON decision_seal TO hearth_app;

-- Is the installation given what is sealed? A person said so, by its own grant.
ALTER TABLE installation ADD COLUMN sealed bigint NOT NULL DEFAULT 0 CHECK (sealed IN (0, 1));
GRANT UPDATE (sealed) ON installation TO hearth_app;
