-- Families on their way from one authority to another: what lies between their two files. The package goes when they have settled it. As sqlite/common/0006.
CREATE TABLE handover (
    id         bytea PRIMARY KEY,
    from_whom  words NOT NULL REFERENCES authority (code),
    to_whom    words NOT NULL REFERENCES authority (code),
    terms      words NOT NULL,       -- JSON: sections, legal basis, reason, first day, by whom and when it was made, what it holds
    digest     bytea NOT NULL,       -- of the package
    package    bytea,
    state      words NOT NULL CHECK (state IN ('waiting', 'taking', 'taken', 'withdrawn', 'refused', 'settled')),
    answered_by words,
    answer     words,                -- why it was refused
    at         bigint NOT NULL,
    answered_at bigint
);
CREATE INDEX handover_to ON handover (to_whom, id);
CREATE INDEX handover_from ON handover (from_whom, id);
GRANT SELECT, INSERT, UPDATE (package, state, answered_by, answer, answered_at) ON handover TO hearth_app;
