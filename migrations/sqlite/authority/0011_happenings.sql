-- What happened to families and is on its way to the plugin that decides pathways: written with what happened, in its transaction. It
-- waits until a decision answers it, in its family's order, or until it is left to people.

CREATE TABLE happening (
    id         BLOB PRIMARY KEY,
    change     INTEGER NOT NULL REFERENCES change (id),
    family     BLOB NOT NULL REFERENCES family (id),
    kind       TEXT NOT NULL,                  -- code list events
    happened   INTEGER NOT NULL,               -- day
    learnt     INTEGER NOT NULL,               -- day: as of which it is asked about
    fact       BLOB REFERENCES fact (id),      -- that tells of it; none: the host noticed
    person     BLOB REFERENCES person (id),
    sections   INTEGER NOT NULL,               -- whoever does not see these does not know of it
    state      TEXT NOT NULL CHECK (state IN ('waiting', 'answered', 'left', 'void')),
    tries      INTEGER NOT NULL DEFAULT 0,
    try_at     INTEGER NOT NULL,               -- not before
    decision   BLOB REFERENCES decision (id)
) STRICT, WITHOUT ROWID;
CREATE INDEX happening_waiting ON happening (family, change, id) WHERE state = 'waiting';
CREATE INDEX happening_due ON happening (try_at) WHERE state = 'waiting';
CREATE INDEX happening_state ON happening (state, id);
CREATE INDEX happening_fact ON happening (fact) WHERE fact IS NOT NULL;
-- The same thing is heard of once.
CREATE UNIQUE INDEX happening_once ON happening (family, kind, happened, COALESCE(fact, X''), COALESCE(person, X''));
