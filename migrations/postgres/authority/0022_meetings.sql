-- Meetings: who meets, when they sit, which families are on the agenda, who came, and what was decided. As sqlite/authority/0022.

-- A standing meeting: a hub, a panel, the team around a family.
CREATE TABLE meeting (
    authority words NOT NULL DEFAULT this_authority(),
    id        bytea NOT NULL,
    change    bigint NOT NULL,
    kind      words NOT NULL,  -- code list meetings
    name      words NOT NULL,
    named     words,           -- what the pathway plugin calls it: a name of the sort meeting
    family    bytea,           -- whose it is: the team around it; none: the authority's
    tells     bigint NOT NULL, -- sections: what being on its agenda tells
    chair     bytea,           -- login
    starts    words,           -- HH:MM
    place     words,
    ended     bigint,          -- day: from then on it sits no more
    principal words NOT NULL,
    PRIMARY KEY (authority, id),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id),
    FOREIGN KEY (authority, family) REFERENCES family (authority, id)
);
-- Of one name a plugin puts families on one agenda.
CREATE UNIQUE INDEX meeting_named ON meeting (authority, named, COALESCE(family, '')) WHERE named IS NOT NULL AND ended IS NULL;
CREATE INDEX meeting_family ON meeting (authority, family) WHERE family IS NOT NULL;
CALL keep_apart('meeting');
GRANT SELECT, INSERT, UPDATE (kind, name, named, tells, chair, starts, place, ended) ON meeting TO hearth_app;

CREATE TABLE meeting_invited (
    authority    words NOT NULL DEFAULT this_authority(),
    meeting      bytea NOT NULL,
    organisation words NOT NULL,
    PRIMARY KEY (authority, meeting, organisation),
    FOREIGN KEY (authority, meeting) REFERENCES meeting (authority, id)
);
CREATE INDEX meeting_invited_organisation ON meeting_invited (authority, organisation, meeting);
CALL keep_apart('meeting_invited');
GRANT SELECT, INSERT, DELETE ON meeting_invited TO hearth_app;

CREATE TABLE sitting (
    authority   words NOT NULL DEFAULT this_authority(),
    id          bytea NOT NULL,
    meeting     bytea NOT NULL,
    change      bigint NOT NULL,
    day         bigint NOT NULL,
    starts      words,          -- HH:MM
    place       words,          -- or how to call in
    state       words NOT NULL CHECK (state IN ('proposed', 'planned', 'held', 'missed', 'cancelled')),
    principal   words NOT NULL,
    settled_at  bigint,         -- held, missed or cancelled
    settled_by  words,
    settled_why words,
    PRIMARY KEY (authority, id),
    FOREIGN KEY (authority, meeting) REFERENCES meeting (authority, id),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id)
);
CREATE UNIQUE INDEX sitting_once ON sitting (authority, meeting, day) WHERE state <> 'cancelled';
CREATE INDEX sitting_day ON sitting (authority, day, id);
CALL keep_apart('sitting');
GRANT SELECT, INSERT, UPDATE (day, starts, place, state, settled_at, settled_by, settled_why) ON sitting TO hearth_app;

-- The last word about each organisation counts.
CREATE TABLE sitting_attendance (
    authority    words NOT NULL DEFAULT this_authority(),
    sitting      bytea NOT NULL,
    organisation words NOT NULL,
    how          words NOT NULL CHECK (how IN ('present', 'apologies', 'absent')),
    principal    words NOT NULL,
    at           bigint NOT NULL,
    PRIMARY KEY (authority, sitting, organisation),
    FOREIGN KEY (authority, sitting) REFERENCES sitting (authority, id)
);
CALL keep_apart('sitting_attendance');
GRANT SELECT, INSERT, UPDATE (how, principal, at) ON sitting_attendance TO hearth_app;

-- A family on the agenda of a sitting. What was decided is a fact of its record: a note.
CREATE TABLE agenda_item (
    authority   words NOT NULL DEFAULT this_authority(),
    id          bytea NOT NULL,
    sitting     bytea NOT NULL,
    family      bytea NOT NULL,
    person      bytea,           -- whom it is about; none: the family
    change      bigint NOT NULL,
    principal   words NOT NULL,
    proposal    bytea,           -- of a plugin
    decision    bytea,           -- that proposed it
    tells       bigint NOT NULL, -- sections: whoever does not see these does not know of it
    invited     words NOT NULL,  -- JSON: kinds of organisation that a plugin wants there
    why         words,           -- of a person
    state       words NOT NULL CHECK (state IN ('on-agenda', 'decided', 'not-reached', 'put-off', 'taken-off')),
    fact        bytea,           -- the note of what was decided, as it was first written
    settled_at  bigint,
    settled_by  words,
    settled_why words,
    PRIMARY KEY (authority, id),
    FOREIGN KEY (authority, sitting) REFERENCES sitting (authority, id),
    FOREIGN KEY (authority, family) REFERENCES family (authority, id),
    FOREIGN KEY (authority, person) REFERENCES person (authority, id),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id),
    FOREIGN KEY (authority, decision) REFERENCES decision (authority, id),
    FOREIGN KEY (authority, fact) REFERENCES fact (authority, id)
);
CREATE INDEX agenda_item_sitting ON agenda_item (authority, sitting, family);
CREATE INDEX agenda_item_family ON agenda_item (authority, family, id);
CREATE INDEX agenda_item_fact ON agenda_item (authority, fact) WHERE fact IS NOT NULL;
CALL keep_apart('agenda_item');
GRANT SELECT, INSERT, UPDATE (person, why, state, fact, settled_at, settled_by, settled_why) ON agenda_item TO hearth_app;

-- A next step is a task; here is from which item it comes, and who has it.
CREATE TABLE agenda_step (
    authority    words NOT NULL DEFAULT this_authority(),
    task         bytea NOT NULL,
    item         bytea NOT NULL,
    owner        bytea,          -- login
    organisation words,
    PRIMARY KEY (authority, task),
    FOREIGN KEY (authority, item) REFERENCES agenda_item (authority, id)
);
CREATE INDEX agenda_step_item ON agenda_step (authority, item);
CALL keep_apart('agenda_step');
GRANT SELECT, INSERT ON agenda_step TO hearth_app;
-- Of a next step that a person typed: erasure takes its words.
GRANT UPDATE (title) ON task TO hearth_app;
