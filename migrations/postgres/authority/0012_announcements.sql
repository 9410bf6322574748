-- What happened, told by a name and ids to whoever follows; who is told by themselves; and notices to people. As sqlite/authority/0012.

CREATE TABLE announcement (
    authority words NOT NULL DEFAULT this_authority(),
    change    bigint NOT NULL,
    place     bigint NOT NULL,              -- among those of its change, from 1
    name      words NOT NULL,               -- what happened, in the past tense
    family    bytea,                        -- whom it is about; none: no family
    thing     words NOT NULL,               -- the id of what it happened to
    PRIMARY KEY (authority, change, place),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id),
    FOREIGN KEY (authority, family) REFERENCES family (authority, id)
);
CALL keep_apart('announcement');
GRANT SELECT, INSERT ON announcement TO hearth_app;

CREATE TABLE webhook (
    authority   words NOT NULL DEFAULT this_authority(),
    id          bytea NOT NULL,
    url         words NOT NULL,
    names       words NOT NULL,             -- JSON list: which; none: all
    secret      bytea NOT NULL,             -- what it is signed with: given to whoever asked for it, once
    former      bytea,                      -- and what it was signed with before, until
    former_ends bigint,
    state       words NOT NULL CHECK (state IN ('on', 'stopped', 'removed')),
    why         words,                      -- it was stopped or removed
    made        bigint NOT NULL,
    made_by     words NOT NULL,
    -- The last that arrived, or the last there was when it was made.
    change      bigint NOT NULL,
    place       bigint NOT NULL,
    tries       bigint NOT NULL DEFAULT 0,  -- of the next, that failed
    try_at      bigint NOT NULL,            -- not before
    taken_until bigint NOT NULL DEFAULT 0,  -- some host sends it, until
    PRIMARY KEY (authority, id)
);
CALL keep_apart('webhook');
GRANT SELECT, INSERT, UPDATE (secret, former, former_ends, state, why, change, place, tries, try_at, taken_until) ON webhook TO hearth_app;

CREATE TABLE notice (
    authority words NOT NULL DEFAULT this_authority(),
    id        bytea NOT NULL,
    change    bigint NOT NULL,
    proposal  bytea NOT NULL,
    login     bytea NOT NULL,               -- who is told
    made      bigint NOT NULL,
    due       bigint NOT NULL,              -- day: by its end they should know
    mailed    bigint,                       -- a letter said that something waits
    seen      bigint,
    PRIMARY KEY (authority, id),
    UNIQUE (authority, proposal, login),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id),
    FOREIGN KEY (authority, proposal) REFERENCES proposal (authority, id) ON DELETE CASCADE
);
CREATE INDEX notice_of ON notice (authority, login, id);
CREATE INDEX notice_unmailed ON notice (authority, login) WHERE mailed IS NULL AND seen IS NULL;
CALL keep_apart('notice');
GRANT SELECT, INSERT, UPDATE (mailed, seen) ON notice TO hearth_app;

-- Goals, for looking each day which of them were to be met.
CREATE INDEX fact_goal ON fact (authority, id) WHERE kind = 'goal';
