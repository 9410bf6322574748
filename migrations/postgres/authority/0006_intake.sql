-- What agencies send: how it is read, what came, who is meant. As sqlite/authority/0006.

-- Who may be meant: what the record knows of each person that tells who they are, and the keys by which they are found. Worked out from
-- the facts whenever one of them changes; nothing stands here that does not stand there.
CREATE TABLE person_profile (
    authority words NOT NULL DEFAULT this_authority(),
    person    bytea NOT NULL,
    profile   words NOT NULL,
    PRIMARY KEY (authority, person),
    FOREIGN KEY (authority, person) REFERENCES person (authority, id)
);
CALL keep_apart('person_profile');
GRANT SELECT, INSERT, DELETE ON person_profile TO hearth_app;

CREATE TABLE person_key (
    authority words NOT NULL DEFAULT this_authority(),
    key       bigint NOT NULL,
    person    bytea NOT NULL,
    PRIMARY KEY (authority, key, person),
    FOREIGN KEY (authority, person) REFERENCES person (authority, id)
);
CREATE INDEX person_key_person ON person_key (authority, person);
CALL keep_apart('person_key');
GRANT SELECT, INSERT, DELETE ON person_key TO hearth_app;

CREATE TABLE home_key (
    authority words NOT NULL DEFAULT this_authority(),
    key       bigint NOT NULL,
    home      bytea NOT NULL,
    PRIMARY KEY (authority, key, home),
    FOREIGN KEY (authority, home) REFERENCES home (authority, id)
);
CREATE INDEX home_key_home ON home_key (authority, home);
CALL keep_apart('home_key');
GRANT SELECT, INSERT, DELETE ON home_key TO hearth_app;

-- How an agency's files are read, as the council wrote it. A version is never changed.
CREATE TABLE mapping (
    authority words NOT NULL DEFAULT this_authority(),
    name      words NOT NULL,
    version   bigint NOT NULL,
    change    bigint NOT NULL,
    text      words NOT NULL,
    PRIMARY KEY (authority, name, version),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id)
);
CALL keep_apart('mapping');
GRANT SELECT, INSERT ON mapping TO hearth_app;

-- A file that came. What it held is in the record, or waits below; the file itself is not kept.
CREATE TABLE delivery (
    authority   words NOT NULL DEFAULT this_authority(),
    id          bytea NOT NULL,
    mapping     words NOT NULL,
    version     bigint NOT NULL,        -- 0: the one that comes with the host
    kind        words NOT NULL,
    source      words NOT NULL,
    first       bigint NOT NULL,
    last        bigint NOT NULL,
    digest      bytea NOT NULL,
    bytes       bigint NOT NULL,
    principal   words NOT NULL,
    at          bigint NOT NULL,
    progress_at bigint NOT NULL,
    state       words NOT NULL,         -- reading, read, refused
    report      words NOT NULL,
    PRIMARY KEY (authority, id)
);
CREATE INDEX delivery_feed ON delivery (authority, mapping, source, id);
CALL keep_apart('delivery');
GRANT SELECT, INSERT, UPDATE (state, report, progress_at) ON delivery TO hearth_app;

-- Rows that are not in the record: nobody is known who may be meant, a person is asked, or it is nobody of ours. For a set time.
CREATE TABLE waiting_row (
    authority  words NOT NULL DEFAULT this_authority(),
    id         bytea NOT NULL,
    state      words NOT NULL,          -- unmatched, asked, not-ours
    source     words NOT NULL,
    kind       words NOT NULL,
    reference  words NOT NULL,
    mapping    words NOT NULL,
    who        bytea NOT NULL,          -- hash of what it says of who is meant
    told       words NOT NULL,          -- what it says: who, when and what
    candidates words NOT NULL,          -- who may be meant, and why
    delivery   bytea NOT NULL,
    at         bigint NOT NULL,
    PRIMARY KEY (authority, id)
);
CREATE UNIQUE INDEX waiting_row_reference ON waiting_row (authority, reference, source, kind);
CREATE INDEX waiting_row_who ON waiting_row (authority, who, source);
CREATE INDEX waiting_row_state ON waiting_row (authority, state, id);
CREATE INDEX waiting_row_at ON waiting_row (authority, at);
CALL keep_apart('waiting_row');
GRANT SELECT, INSERT, DELETE ON waiting_row TO hearth_app;

-- What a person said about who is meant: it holds for every row of that source that says the same of who is meant.
CREATE TABLE match_decision (
    authority words NOT NULL DEFAULT this_authority(),
    id        bytea NOT NULL,
    source    words NOT NULL,
    who       bytea NOT NULL,
    answer    words NOT NULL,           -- this-one, none-of-these, not-ours
    person    bytea,
    home      bytea,
    told      words NOT NULL,           -- what was shown: whom the row is about
    shown     words NOT NULL,           -- and who was shown beside it
    principal words NOT NULL,
    at        bigint NOT NULL,
    undone_by words,
    undone_at bigint,
    PRIMARY KEY (authority, id),
    FOREIGN KEY (authority, person) REFERENCES person (authority, id),
    FOREIGN KEY (authority, home) REFERENCES home (authority, id)
);
CREATE UNIQUE INDEX match_decision_in_force ON match_decision (authority, who, source) WHERE undone_at IS NULL;
CALL keep_apart('match_decision');
GRANT SELECT, INSERT, UPDATE (undone_by, undone_at) ON match_decision TO hearth_app;

-- Facts that are in the record because a person said who is meant.
CREATE TABLE matched_fact (
    authority words NOT NULL DEFAULT this_authority(),
    fact      bytea NOT NULL,
    decision  bytea NOT NULL,
    mapping   words NOT NULL,
    PRIMARY KEY (authority, fact),
    FOREIGN KEY (authority, fact) REFERENCES fact (authority, id),
    FOREIGN KEY (authority, decision) REFERENCES match_decision (authority, id)
);
CREATE INDEX matched_fact_decision ON matched_fact (authority, decision);
CALL keep_apart('matched_fact');
GRANT SELECT, INSERT ON matched_fact TO hearth_app;

-- The authority's own thresholds and times; what is not here is at its default.
CREATE TABLE intake_setting (
    authority words NOT NULL DEFAULT this_authority(),
    name      words NOT NULL,
    value     bigint NOT NULL,
    PRIMARY KEY (authority, name)
);
CALL keep_apart('intake_setting');
GRANT SELECT, INSERT, UPDATE (value) ON intake_setting TO hearth_app;
