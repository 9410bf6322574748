-- What happened to families and is on its way to the plugin that decides pathways. As sqlite/authority/0011.

CREATE TABLE happening (
    authority words NOT NULL DEFAULT this_authority(),
    id        bytea NOT NULL,
    change    bigint NOT NULL,
    family    bytea NOT NULL,
    kind      words NOT NULL,           -- code list events
    happened  bigint NOT NULL,          -- day
    learnt    bigint NOT NULL,          -- day: as of which it is asked about
    fact      bytea,                    -- that tells of it; none: the host noticed
    person    bytea,
    sections  bigint NOT NULL,          -- whoever does not see these does not know of it
    state     words NOT NULL CHECK (state IN ('waiting', 'answered', 'left', 'void')),
    tries     bigint NOT NULL DEFAULT 0,
    try_at    bigint NOT NULL,          -- not before
    decision  bytea,
    PRIMARY KEY (authority, id),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id),
    FOREIGN KEY (authority, family) REFERENCES family (authority, id),
    FOREIGN KEY (authority, fact) REFERENCES fact (authority, id),
    FOREIGN KEY (authority, person) REFERENCES person (authority, id),
    FOREIGN KEY (authority, decision) REFERENCES decision (authority, id)
);
CREATE INDEX happening_waiting ON happening (authority, family, change, id) WHERE state = 'waiting';
CREATE INDEX happening_due ON happening (authority, try_at) WHERE state = 'waiting';
CREATE INDEX happening_state ON happening (authority, state, id);
CREATE INDEX happening_fact ON happening (authority, fact) WHERE fact IS NOT NULL;
-- The same thing is heard of once.
CREATE UNIQUE INDEX happening_once ON happening (authority, family, kind, happened, COALESCE(fact, ''), COALESCE(person, ''));
CALL keep_apart('happening');
GRANT SELECT, INSERT, UPDATE (state, tries, try_at, decision) ON happening TO hearth_app;
