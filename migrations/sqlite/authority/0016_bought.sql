-- Help that is bought: the directory, contracts with providers, what families are referred to and what was delivered, what is paid. What
-- several people edit is kept version by version; what was stays readable.

CREATE TABLE service (                         -- of the directory
    id           BLOB PRIMARY KEY,
    organisation TEXT NOT NULL,                -- of the common file
    reference    TEXT,                         -- as the directory that it came from calls it
    version      INTEGER NOT NULL              -- the latest
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX service_reference ON service (reference) WHERE reference IS NOT NULL;
CREATE INDEX service_organisation ON service (organisation);

CREATE TABLE service_version (
    service BLOB NOT NULL REFERENCES service (id),
    version INTEGER NOT NULL,
    change  INTEGER NOT NULL REFERENCES change (id),
    content TEXT NOT NULL,                     -- JSON: what it offers whom
    PRIMARY KEY (service, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE buying_paper (                    -- budgets, and the settings of this room
    sort    TEXT NOT NULL CHECK (sort IN ('budget', 'settings')),
    name    TEXT NOT NULL,
    version INTEGER NOT NULL,
    change  INTEGER NOT NULL REFERENCES change (id),
    content TEXT NOT NULL,
    PRIMARY KEY (sort, name, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE contract (
    id       BLOB PRIMARY KEY,
    provider TEXT NOT NULL,                    -- the lead provider: an organisation of the common file
    state    TEXT NOT NULL CHECK (state IN ('draft', 'signed', 'ended')),
    version  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX contract_provider ON contract (provider);

CREATE TABLE contract_version (
    contract BLOB NOT NULL REFERENCES contract (id),
    version  INTEGER NOT NULL,
    change   INTEGER NOT NULL REFERENCES change (id),
    content  TEXT NOT NULL,                    -- JSON: its terms
    PRIMARY KEY (contract, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE contract_decision (               -- a decision about a contract: about no family
    id            BLOB PRIMARY KEY,
    contract      BLOB NOT NULL REFERENCES contract (id),
    version       INTEGER NOT NULL,            -- of the contract
    change        INTEGER NOT NULL REFERENCES change (id),
    installation  BLOB NOT NULL REFERENCES installation (id),
    question      TEXT NOT NULL,
    as_of         INTEGER NOT NULL,
    context       BLOB NOT NULL,
    matter        BLOB NOT NULL,
    numbers       TEXT NOT NULL,               -- JSON: the contract's numbers of the run's families, in the run's order
    answer_digest BLOB NOT NULL,
    answer        BLOB NOT NULL,
    result        TEXT NOT NULL,
    instructions  INTEGER NOT NULL,
    millis        INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX contract_decision_contract ON contract_decision (contract, id);

CREATE TABLE contract_act (                    -- signed, ended, reviewed: by whom, why, on which decision
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    contract BLOB NOT NULL REFERENCES contract (id),
    change   INTEGER NOT NULL REFERENCES change (id),
    act      TEXT NOT NULL CHECK (act IN ('signed', 'ended', 'continue', 'improve', 'end')),
    day      INTEGER NOT NULL,
    came_to  TEXT,                             -- what the decision answered
    decision BLOB REFERENCES contract_decision (id),
    why      TEXT
) STRICT;
CREATE INDEX contract_act_contract ON contract_act (contract, id);

CREATE TABLE help_request (                    -- help that is wanted for a family
    id        BLOB PRIMARY KEY,
    change    INTEGER NOT NULL REFERENCES change (id),
    family    BLOB NOT NULL REFERENCES family (id),
    person    BLOB REFERENCES person (id),     -- none: the whole family
    kind      TEXT NOT NULL,                   -- code list service-kinds
    needed_by INTEGER,
    problems  TEXT NOT NULL,                   -- JSON: code list problems
    proposal  BLOB,                            -- that it came of
    state     TEXT NOT NULL CHECK (state IN ('open', 'withdrawn'))
) STRICT, WITHOUT ROWID;
CREATE INDEX help_request_family ON help_request (family, id);
CREATE UNIQUE INDEX help_request_proposal ON help_request (proposal) WHERE proposal IS NOT NULL;

CREATE TABLE provision (                       -- a family referred to a service, and what became of it
    id        BLOB PRIMARY KEY,
    change    INTEGER NOT NULL REFERENCES change (id),
    request   BLOB NOT NULL REFERENCES help_request (id),
    family    BLOB NOT NULL REFERENCES family (id),
    person    BLOB REFERENCES person (id),
    service   BLOB NOT NULL REFERENCES service (id),
    provider  TEXT NOT NULL,
    contract  BLOB REFERENCES contract (id),   -- under which it is paid
    number    INTEGER,                         -- the contract's number of the family
    decision  BLOB REFERENCES decision (id),   -- the shortlist that it was picked from
    place     INTEGER,                         -- on that list
    why       TEXT,                            -- another than was suggested
    state     TEXT NOT NULL CHECK (state IN ('sent', 'accepted', 'refused', 'unanswered', 'withdrawn', 'completed', 'left')),
    answer_by INTEGER NOT NULL,
    engaged   INTEGER,                         -- the day on which it began
    ended     INTEGER,
    fact      BLOB REFERENCES fact (id)        -- that the record has of it
) STRICT, WITHOUT ROWID;
CREATE INDEX provision_request ON provision (request, id);
CREATE INDEX provision_family ON provision (family, id);
CREATE INDEX provision_service ON provision (service) WHERE state IN ('sent', 'accepted');
CREATE INDEX provision_provider ON provision (provider, id);
CREATE INDEX provision_contract ON provision (contract, number) WHERE contract IS NOT NULL;
CREATE INDEX provision_fact ON provision (fact) WHERE fact IS NOT NULL;

CREATE TABLE provision_step (                  -- each state that it came to
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    provision BLOB NOT NULL REFERENCES provision (id),
    change    INTEGER NOT NULL REFERENCES change (id),
    state     TEXT NOT NULL,
    day       INTEGER NOT NULL,
    why       TEXT
) STRICT;
CREATE INDEX provision_step_provision ON provision_step (provision, id);

CREATE TABLE provision_sessions (              -- offered and kept; of the same days the latest counts
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    provision BLOB NOT NULL REFERENCES provision (id),
    change    INTEGER NOT NULL REFERENCES change (id),
    first     INTEGER NOT NULL,
    last      INTEGER NOT NULL,
    offered   INTEGER NOT NULL,
    kept      INTEGER NOT NULL
) STRICT;
CREATE INDEX provision_sessions_provision ON provision_sessions (provision, first, last, id);

CREATE TABLE provision_report (                -- at the end of the service
    provision BLOB PRIMARY KEY REFERENCES provision (id),
    change    INTEGER NOT NULL REFERENCES change (id),
    reached   TEXT NOT NULL,                   -- JSON: how far, for each problem
    words     TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE payment_line (
    id        BLOB PRIMARY KEY,
    contract  BLOB NOT NULL REFERENCES contract (id),
    change    INTEGER NOT NULL REFERENCES change (id),
    decision  BLOB REFERENCES contract_decision (id),  -- none: a credit that a person gave
    kind      TEXT NOT NULL,                   -- code list payment-kinds
    number    INTEGER,                         -- the contract's number of a family; none: for the contract as a whole
    amount    INTEGER NOT NULL,                -- pence
    day       INTEGER NOT NULL,
    state     TEXT NOT NULL CHECK (state IN ('drafted', 'queried', 'disputed', 'approved', 'declined')),
    settle_by INTEGER,                         -- while it is disputed
    credits   BLOB REFERENCES payment_line (id)
) STRICT, WITHOUT ROWID;
CREATE INDEX payment_line_contract ON payment_line (contract, id);
-- A family's milestone is paid once.
CREATE UNIQUE INDEX payment_line_once ON payment_line (contract, kind, number)
    WHERE number IS NOT NULL AND kind IN ('attachment-share', 'result-share') AND state <> 'declined';
CREATE UNIQUE INDEX payment_line_credits ON payment_line (credits) WHERE credits IS NOT NULL AND state <> 'declined';

CREATE TABLE payment_act (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    line   BLOB NOT NULL REFERENCES payment_line (id),
    change INTEGER NOT NULL REFERENCES change (id),
    act    TEXT NOT NULL,
    why    TEXT
) STRICT;
CREATE INDEX payment_act_line ON payment_act (line, id);
