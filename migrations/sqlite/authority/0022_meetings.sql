-- Meetings: who meets, when they sit, which families are on the agenda, who came, and what was decided.

-- A standing meeting: a hub, a panel, the team around a family.
CREATE TABLE meeting (
    id        BLOB PRIMARY KEY,
    change    INTEGER NOT NULL REFERENCES change (id),
    kind      TEXT NOT NULL,                   -- code list meetings
    name      TEXT NOT NULL,
    named     TEXT,                            -- what the pathway plugin calls it: a name of the sort meeting
    family    BLOB REFERENCES family (id),     -- whose it is: the team around it; none: the authority's
    tells     INTEGER NOT NULL,                -- sections: what being on its agenda tells
    chair     BLOB,                            -- login
    starts    TEXT,                            -- HH:MM
    place     TEXT,
    ended     INTEGER,                         -- day: from then on it sits no more
    principal TEXT NOT NULL
) STRICT, WITHOUT ROWID;
-- Of one name a plugin puts families on one agenda.
CREATE UNIQUE INDEX meeting_named ON meeting (named, COALESCE(family, X'')) WHERE named IS NOT NULL AND ended IS NULL;
CREATE INDEX meeting_family ON meeting (family) WHERE family IS NOT NULL;

CREATE TABLE meeting_invited (
    meeting      BLOB NOT NULL REFERENCES meeting (id),
    organisation TEXT NOT NULL,
    PRIMARY KEY (meeting, organisation)
) STRICT, WITHOUT ROWID;
CREATE INDEX meeting_invited_organisation ON meeting_invited (organisation, meeting);

CREATE TABLE sitting (
    id         BLOB PRIMARY KEY,
    meeting    BLOB NOT NULL REFERENCES meeting (id),
    change     INTEGER NOT NULL REFERENCES change (id),
    day        INTEGER NOT NULL,
    starts     TEXT,                           -- HH:MM
    place      TEXT,                           -- or how to call in
    state      TEXT NOT NULL CHECK (state IN ('proposed', 'planned', 'held', 'missed', 'cancelled')),
    principal  TEXT NOT NULL,
    settled_at INTEGER,                        -- held, missed or cancelled
    settled_by TEXT,
    settled_why TEXT
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX sitting_once ON sitting (meeting, day) WHERE state <> 'cancelled';
CREATE INDEX sitting_day ON sitting (day, id);

-- The last word about each organisation counts.
CREATE TABLE sitting_attendance (
    sitting      BLOB NOT NULL REFERENCES sitting (id),
    organisation TEXT NOT NULL,
    how          TEXT NOT NULL CHECK (how IN ('present', 'apologies', 'absent')),
    principal    TEXT NOT NULL,
    at           INTEGER NOT NULL,
    PRIMARY KEY (sitting, organisation)
) STRICT, WITHOUT ROWID;

-- A family on the agenda of a sitting. What was decided is a fact of its record: a note.
CREATE TABLE agenda_item (
    id          BLOB PRIMARY KEY,
    sitting     BLOB NOT NULL REFERENCES sitting (id),
    family      BLOB NOT NULL REFERENCES family (id),
    person      BLOB REFERENCES person (id),   -- whom it is about; none: the family
    change      INTEGER NOT NULL REFERENCES change (id),
    principal   TEXT NOT NULL,
    proposal    BLOB,                          -- of a plugin
    decision    BLOB REFERENCES decision (id), -- that proposed it
    tells       INTEGER NOT NULL,              -- sections: whoever does not see these does not know of it
    invited     TEXT NOT NULL,                 -- JSON: kinds of organisation that a plugin wants there
    why         TEXT,                          -- of a person
    state       TEXT NOT NULL CHECK (state IN ('on-agenda', 'decided', 'not-reached', 'put-off', 'taken-off')),
    fact        BLOB REFERENCES fact (id),     -- the note of what was decided, as it was first written
    settled_at  INTEGER,
    settled_by  TEXT,
    settled_why TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX agenda_item_sitting ON agenda_item (sitting, family);
CREATE INDEX agenda_item_family ON agenda_item (family, id);
CREATE INDEX agenda_item_fact ON agenda_item (fact) WHERE fact IS NOT NULL;

-- A next step is a task; here is from which item it comes, and who has it.
CREATE TABLE agenda_step (
    task         BLOB PRIMARY KEY,
    item         BLOB NOT NULL REFERENCES agenda_item (id),
    owner        BLOB,                         -- login
    organisation TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX agenda_step_item ON agenda_step (item);
