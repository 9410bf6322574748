-- Help that is bought. As sqlite/authority/0016.

CREATE TABLE service ( -- of the directory
    authority words NOT NULL DEFAULT this_authority(),
    id bytea NOT NULL,
    organisation words NOT NULL,  -- of the common file
    reference words,  -- as the directory that it came from calls it
    version bigint NOT NULL,  -- the latest
    PRIMARY KEY (authority, id)
);
CREATE UNIQUE INDEX service_reference ON service (authority, reference) WHERE reference IS NOT NULL;
CREATE INDEX service_organisation ON service (authority, organisation);
CALL keep_apart('service');
GRANT SELECT, INSERT, UPDATE (version) ON service TO hearth_app;

CREATE TABLE service_version (
    authority words NOT NULL DEFAULT this_authority(),
    service bytea NOT NULL,
    version bigint NOT NULL,
    change bigint NOT NULL,
    content words NOT NULL,  -- JSON: what it offers whom
    PRIMARY KEY (authority, service, version),
    FOREIGN KEY (authority, service) REFERENCES service (authority, id),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id)
);
CALL keep_apart('service_version');
GRANT SELECT, INSERT ON service_version TO hearth_app;

CREATE TABLE buying_paper ( -- budgets, and the settings of this room
    authority words NOT NULL DEFAULT this_authority(),
    sort words NOT NULL CHECK (sort IN ('budget', 'settings')),
    name words NOT NULL,
    version bigint NOT NULL,
    change bigint NOT NULL,
    content words NOT NULL,
    PRIMARY KEY (authority, sort, name, version),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id)
);
CALL keep_apart('buying_paper');
GRANT SELECT, INSERT ON buying_paper TO hearth_app;

CREATE TABLE contract (
    authority words NOT NULL DEFAULT this_authority(),
    id bytea NOT NULL,
    provider words NOT NULL,  -- the lead provider: an organisation of the common file
    state words NOT NULL CHECK (state IN ('draft', 'signed', 'ended')),
    version bigint NOT NULL,
    PRIMARY KEY (authority, id)
);
CREATE INDEX contract_provider ON contract (authority, provider);
CALL keep_apart('contract');
GRANT SELECT, INSERT, UPDATE (state, version) ON contract TO hearth_app;

CREATE TABLE contract_version (
    authority words NOT NULL DEFAULT this_authority(),
    contract bytea NOT NULL,
    version bigint NOT NULL,
    change bigint NOT NULL,
    content words NOT NULL,  -- JSON: its terms
    PRIMARY KEY (authority, contract, version),
    FOREIGN KEY (authority, contract) REFERENCES contract (authority, id),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id)
);
CALL keep_apart('contract_version');
GRANT SELECT, INSERT ON contract_version TO hearth_app;

CREATE TABLE contract_decision ( -- a decision about a contract: about no family
    authority words NOT NULL DEFAULT this_authority(),
    id bytea NOT NULL,
    contract bytea NOT NULL,
    version bigint NOT NULL,  -- of the contract
    change bigint NOT NULL,
    installation bytea NOT NULL,
    question words NOT NULL,
    as_of bigint NOT NULL,
    context bytea NOT NULL,
    matter bytea NOT NULL,
    numbers words NOT NULL,  -- JSON: the contract's numbers of the run's families, in the run's order
    answer_digest bytea NOT NULL,
    answer bytea NOT NULL,
    result words NOT NULL,
    instructions bigint NOT NULL,
    millis bigint NOT NULL,
    PRIMARY KEY (authority, id),
    FOREIGN KEY (authority, contract) REFERENCES contract (authority, id),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id),
    FOREIGN KEY (authority, installation) REFERENCES installation (authority, id)
);
CREATE INDEX contract_decision_contract ON contract_decision (authority, contract, id);
CALL keep_apart('contract_decision');
GRANT SELECT, INSERT ON contract_decision TO hearth_app;

CREATE TABLE contract_act ( -- signed, ended, reviewed: by whom, why, on which decision
    authority words NOT NULL DEFAULT this_authority(),
    id bigint NOT NULL,
    contract bytea NOT NULL,
    change bigint NOT NULL,
    act words NOT NULL CHECK (act IN ('signed', 'ended', 'continue', 'improve', 'end')),
    day bigint NOT NULL,
    came_to words,  -- what the decision answered
    decision bytea,
    why words,
    PRIMARY KEY (authority, id),
    FOREIGN KEY (authority, contract) REFERENCES contract (authority, id),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id),
    FOREIGN KEY (authority, decision) REFERENCES contract_decision (authority, id)
);
CREATE INDEX contract_act_contract ON contract_act (authority, contract, id);
CALL keep_apart('contract_act');
GRANT SELECT, INSERT ON contract_act TO hearth_app;
CREATE FUNCTION next_contract_act() RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    RETURN (SELECT COALESCE(MAX(id), 0) + 1 FROM hearth_record.contract_act);
END
$$;
ALTER TABLE contract_act ALTER id SET DEFAULT next_contract_act();

CREATE TABLE help_request ( -- help that is wanted for a family
    authority words NOT NULL DEFAULT this_authority(),
    id bytea NOT NULL,
    change bigint NOT NULL,
    family bytea NOT NULL,
    person bytea,  -- none: the whole family
    kind words NOT NULL,  -- code list service-kinds
    needed_by bigint,
    problems words NOT NULL,  -- JSON: code list problems
    proposal bytea,  -- that it came of
    state words NOT NULL CHECK (state IN ('open', 'withdrawn')),
    PRIMARY KEY (authority, id),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id),
    FOREIGN KEY (authority, family) REFERENCES family (authority, id),
    FOREIGN KEY (authority, person) REFERENCES person (authority, id)
);
CREATE INDEX help_request_family ON help_request (authority, family, id);
CREATE UNIQUE INDEX help_request_proposal ON help_request (authority, proposal) WHERE proposal IS NOT NULL;
CALL keep_apart('help_request');
GRANT SELECT, INSERT, UPDATE (person, kind, needed_by, problems, state) ON help_request TO hearth_app;

CREATE TABLE provision ( -- a family referred to a service, and what became of it
    authority words NOT NULL DEFAULT this_authority(),
    id bytea NOT NULL,
    change bigint NOT NULL,
    request bytea NOT NULL,
    family bytea NOT NULL,
    person bytea,
    service bytea NOT NULL,
    provider words NOT NULL,
    contract bytea,  -- under which it is paid
    number bigint,  -- the contract's number of the family
    decision bytea,  -- the shortlist that it was picked from
    place bigint,  -- on that list
    why words,  -- another than was suggested
    state words NOT NULL CHECK (state IN ('sent', 'accepted', 'refused', 'unanswered', 'withdrawn', 'completed', 'left')),
    answer_by bigint NOT NULL,
    engaged bigint,  -- the day on which it began
    ended bigint,
    fact bytea,  -- that the record has of it
    PRIMARY KEY (authority, id),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id),
    FOREIGN KEY (authority, request) REFERENCES help_request (authority, id),
    FOREIGN KEY (authority, family) REFERENCES family (authority, id),
    FOREIGN KEY (authority, person) REFERENCES person (authority, id),
    FOREIGN KEY (authority, service) REFERENCES service (authority, id),
    FOREIGN KEY (authority, contract) REFERENCES contract (authority, id),
    FOREIGN KEY (authority, decision) REFERENCES decision (authority, id),
    FOREIGN KEY (authority, fact) REFERENCES fact (authority, id)
);
CREATE INDEX provision_request ON provision (authority, request, id);
CREATE INDEX provision_family ON provision (authority, family, id);
CREATE INDEX provision_service ON provision (authority, service) WHERE state IN ('sent', 'accepted');
CREATE INDEX provision_provider ON provision (authority, provider, id);
CREATE INDEX provision_contract ON provision (authority, contract, number) WHERE contract IS NOT NULL;
CREATE INDEX provision_fact ON provision (authority, fact) WHERE fact IS NOT NULL;
CALL keep_apart('provision');
GRANT SELECT, INSERT, UPDATE (person, why, state, engaged, ended, fact) ON provision TO hearth_app;

CREATE TABLE provision_step ( -- each state that it came to
    authority words NOT NULL DEFAULT this_authority(),
    id bigint NOT NULL,
    provision bytea NOT NULL,
    change bigint NOT NULL,
    state words NOT NULL,
    day bigint NOT NULL,
    why words,
    PRIMARY KEY (authority, id),
    FOREIGN KEY (authority, provision) REFERENCES provision (authority, id),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id)
);
CREATE INDEX provision_step_provision ON provision_step (authority, provision, id);
CALL keep_apart('provision_step');
GRANT SELECT, INSERT, UPDATE (why) ON provision_step TO hearth_app;
CREATE FUNCTION next_provision_step() RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    RETURN (SELECT COALESCE(MAX(id), 0) + 1 FROM hearth_record.provision_step);
END
$$;
ALTER TABLE provision_step ALTER id SET DEFAULT next_provision_step();

CREATE TABLE provision_sessions ( -- offered and kept; of the same days the latest counts
    authority words NOT NULL DEFAULT this_authority(),
    id bigint NOT NULL,
    provision bytea NOT NULL,
    change bigint NOT NULL,
    first bigint NOT NULL,
    last bigint NOT NULL,
    offered bigint NOT NULL,
    kept bigint NOT NULL,
    PRIMARY KEY (authority, id),
    FOREIGN KEY (authority, provision) REFERENCES provision (authority, id),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id)
);
CREATE INDEX provision_sessions_provision ON provision_sessions (authority, provision, first, last, id);
CALL keep_apart('provision_sessions');
GRANT SELECT, INSERT ON provision_sessions TO hearth_app;
CREATE FUNCTION next_provision_sessions() RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    RETURN (SELECT COALESCE(MAX(id), 0) + 1 FROM hearth_record.provision_sessions);
END
$$;
ALTER TABLE provision_sessions ALTER id SET DEFAULT next_provision_sessions();

CREATE TABLE provision_report ( -- at the end of the service
    authority words NOT NULL DEFAULT this_authority(),
    provision bytea NOT NULL,
    change bigint NOT NULL,
    reached words NOT NULL,  -- JSON: how far, for each problem
    words words NOT NULL,
    PRIMARY KEY (authority, provision),
    FOREIGN KEY (authority, provision) REFERENCES provision (authority, id),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id)
);
CALL keep_apart('provision_report');
GRANT SELECT, INSERT, UPDATE (reached, words) ON provision_report TO hearth_app;

CREATE TABLE payment_line (
    authority words NOT NULL DEFAULT this_authority(),
    id bytea NOT NULL,
    contract bytea NOT NULL,
    change bigint NOT NULL,
    decision bytea,  -- none: a credit that a person gave
    kind words NOT NULL,  -- code list payment-kinds
    number bigint,  -- the contract's number of a family; none: for the contract as a whole
    amount bigint NOT NULL,  -- pence
    day bigint NOT NULL,
    state words NOT NULL CHECK (state IN ('drafted', 'queried', 'disputed', 'approved', 'declined')),
    settle_by bigint,  -- while it is disputed
    credits bytea,
    PRIMARY KEY (authority, id),
    FOREIGN KEY (authority, contract) REFERENCES contract (authority, id),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id),
    FOREIGN KEY (authority, decision) REFERENCES contract_decision (authority, id),
    FOREIGN KEY (authority, credits) REFERENCES payment_line (authority, id)
);
CREATE INDEX payment_line_contract ON payment_line (authority, contract, id);
-- A family's milestone is paid once.
CREATE UNIQUE INDEX payment_line_once ON payment_line (authority, contract, kind, number)
    WHERE number IS NOT NULL AND kind IN ('attachment-share', 'result-share') AND state <> 'declined';
CREATE UNIQUE INDEX payment_line_credits ON payment_line (authority, credits) WHERE credits IS NOT NULL AND state <> 'declined';
CALL keep_apart('payment_line');
GRANT SELECT, INSERT, UPDATE (state, settle_by) ON payment_line TO hearth_app;

CREATE TABLE payment_act (
    authority words NOT NULL DEFAULT this_authority(),
    id bigint NOT NULL,
    line bytea NOT NULL,
    change bigint NOT NULL,
    act words NOT NULL,
    why words,
    PRIMARY KEY (authority, id),
    FOREIGN KEY (authority, line) REFERENCES payment_line (authority, id),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id)
);
CREATE INDEX payment_act_line ON payment_act (authority, line, id);
CALL keep_apart('payment_act');
GRANT SELECT, INSERT, UPDATE (why) ON payment_act TO hearth_app;
CREATE FUNCTION next_payment_act() RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    RETURN (SELECT COALESCE(MAX(id), 0) + 1 FROM hearth_record.payment_act);
END
$$;
ALTER TABLE payment_act ALTER id SET DEFAULT next_payment_act();
