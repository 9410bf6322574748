-- The whole programme's questions and what they propose: installations that offer several extension points, what a question
-- was about, policies, proposals, and tables that the authority supplies.

-- What an installation offers. `decides`: it is active and is asked; of outcomes and pathway one installation is.
CREATE TABLE installation_offer (
    installation    BLOB NOT NULL REFERENCES installation (id),
    extension_point TEXT NOT NULL,
    decides         INTEGER NOT NULL CHECK (decides IN (0, 1)),
    PRIMARY KEY (installation, extension_point)
) STRICT, WITHOUT ROWID;
INSERT INTO installation_offer (installation, extension_point, decides)
    SELECT id, extension_point, CASE status WHEN 'active' THEN 1 ELSE 0 END FROM installation;
CREATE UNIQUE INDEX offer_decides ON installation_offer (extension_point)
    WHERE decides = 1 AND extension_point IN ('outcomes', 'pathway');
CREATE INDEX offer_asked ON installation_offer (extension_point, installation) WHERE decides = 1;
DROP INDEX installation_decides;
ALTER TABLE installation DROP COLUMN extension_point;

-- Content: what the question was about beside the record; none where it was the record alone.
ALTER TABLE decision ADD COLUMN matter BLOB;

-- Who carries out what is proposed, for each kind of action. The latest statement counts; without one the default does.
CREATE TABLE action_policy (
    action TEXT NOT NULL,                      -- code list actions
    change INTEGER NOT NULL REFERENCES change (id),
    policy TEXT NOT NULL,                      -- code list policies
    PRIMARY KEY (action, change)
) STRICT, WITHOUT ROWID;

-- What a plugin proposed, and what came of it. A task that was given out with its decision is a task and nothing here.
CREATE TABLE proposal (
    id           BLOB PRIMARY KEY,
    installation BLOB NOT NULL REFERENCES installation (id),
    family       BLOB NOT NULL REFERENCES family (id),
    decision     BLOB NOT NULL REFERENCES decision (id),
    action       TEXT NOT NULL,                -- code list actions
    key          TEXT NOT NULL,
    body         TEXT NOT NULL,                -- as in the decision's answer
    person       BLOB REFERENCES person (id),  -- whom it is about
    state        TEXT NOT NULL CHECK (state IN ('waiting', 'confirmed', 'carried-out', 'declined')),
    settled_at   INTEGER,
    settled_by   TEXT,
    reason       TEXT,                         -- why it was declined
    task         BLOB REFERENCES task (id),    -- what it became
    fact         BLOB REFERENCES fact (id)     -- what it became; of a change of standing, the last of its facts
) STRICT, WITHOUT ROWID;
-- Proposing a key again while it is open changes nothing.
CREATE UNIQUE INDEX proposal_open ON proposal (installation, family, key) WHERE state IN ('waiting', 'confirmed');
CREATE INDEX proposal_state ON proposal (state, id);
CREATE INDEX proposal_family ON proposal (family, state, id);
CREATE INDEX proposal_decision ON proposal (decision);
CREATE INDEX proposal_fact ON proposal (installation, family, key) WHERE fact IS NOT NULL;

-- Tables that the authority supplies, every version of them: the latest counts.
CREATE TABLE supplied_table (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    installation BLOB REFERENCES installation (id), -- none: one of the host's own, for every plugin
    name         TEXT NOT NULL,
    version      INTEGER NOT NULL,
    change       INTEGER NOT NULL REFERENCES change (id),
    content      TEXT NOT NULL                 -- JSON: the rows as they were sent
) STRICT;
CREATE UNIQUE INDEX supplied_of_plugin ON supplied_table (installation, name, version) WHERE installation IS NOT NULL;
CREATE UNIQUE INDEX supplied_of_host ON supplied_table (name, version) WHERE installation IS NULL;
