-- Drafts whose plugin has a newer version with another form: what came of asking that version to carry the answers over. The older answers stay
-- in the version that they were typed in; here are ids and codes alone. As sqlite/authority/0021.
CREATE TABLE assessment_carried (
    authority    words NOT NULL DEFAULT this_authority(),
    assessment   bytea NOT NULL,             -- the draft
    installation bytea NOT NULL,             -- the newer version that was asked
    came         words NOT NULL CHECK (came IN ('asked', 'migrated', 'start-again', 'same-form', 'failed', 'changed')),
    why          words,                      -- the code of a failure, or of a refusal
    asked        bytea NOT NULL,             -- by which the question is known
    typed_at     bigint NOT NULL,            -- the draft as it was asked about
    becomes      bytea,                      -- the draft to the newer form
    carried      bigint NOT NULL,            -- answers that went over
    refused      words NOT NULL,             -- JSON: questions whose answer the newer form did not take
    principal    words NOT NULL,
    change       bigint NOT NULL,
    at           bigint NOT NULL,
    PRIMARY KEY (authority, assessment, installation),
    FOREIGN KEY (authority, assessment) REFERENCES assessment (authority, id),
    FOREIGN KEY (authority, installation) REFERENCES installation (authority, id),
    FOREIGN KEY (authority, becomes) REFERENCES assessment (authority, id),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id)
);
CREATE INDEX assessment_carried_asked ON assessment_carried (authority, asked) WHERE came IN ('asked', 'failed');
CREATE INDEX assessment_carried_becomes ON assessment_carried (authority, becomes) WHERE becomes IS NOT NULL;
CALL keep_apart('assessment_carried');
GRANT SELECT, INSERT, UPDATE (came, why, asked, typed_at, becomes, carried, refused, principal, change, at) ON assessment_carried TO hearth_app;

-- How many families a back-test asks about is known in the transaction that begins it.
GRANT UPDATE (total) ON back_test TO hearth_app;
