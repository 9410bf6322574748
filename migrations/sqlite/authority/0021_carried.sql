-- Drafts whose plugin has a newer version with another form: what came of asking that version to carry the answers over. The older answers stay
-- in the version that they were typed in; here are ids and codes alone.
CREATE TABLE assessment_carried (
    assessment   BLOB NOT NULL REFERENCES assessment (id),   -- the draft
    installation BLOB NOT NULL REFERENCES installation (id), -- the newer version that was asked
    came         TEXT NOT NULL CHECK (came IN ('asked', 'migrated', 'start-again', 'same-form', 'failed', 'changed')),
    why          TEXT,                                       -- the code of a failure, or of a refusal
    asked        BLOB NOT NULL,                              -- by which the question is known
    typed_at     INTEGER NOT NULL,                           -- the draft as it was asked about
    becomes      BLOB REFERENCES assessment (id),            -- the draft to the newer form
    carried      INTEGER NOT NULL,                           -- answers that went over
    refused      TEXT NOT NULL,                              -- JSON: questions whose answer the newer form did not take
    principal    TEXT NOT NULL,
    change       INTEGER NOT NULL REFERENCES change (id),
    at           INTEGER NOT NULL,
    PRIMARY KEY (assessment, installation)
) STRICT, WITHOUT ROWID;
CREATE INDEX assessment_carried_asked ON assessment_carried (asked) WHERE came IN ('asked', 'failed');
CREATE INDEX assessment_carried_becomes ON assessment_carried (becomes) WHERE becomes IS NOT NULL;
