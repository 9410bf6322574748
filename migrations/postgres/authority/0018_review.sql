-- The way of an installation. As sqlite/authority/0018.

-- Who has to approve a plugin before it decides, and when it goes back by itself. Every statement is kept, the latest counts.
CREATE TABLE plugin_review (
    authority words NOT NULL DEFAULT this_authority(),
    change bigint NOT NULL,
    rules words NOT NULL,  -- JSON
    PRIMARY KEY (authority, change),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id)
);
CALL keep_apart('plugin_review');
GRANT SELECT, INSERT ON plugin_review TO hearth_app;

-- What was done to an installation on its way. Nothing of it goes; of each thing it is about, the latest counts.
CREATE TABLE installation_act (
    authority words NOT NULL DEFAULT this_authority(),
    id bigint NOT NULL,
    installation bytea NOT NULL,
    change bigint NOT NULL,
    act words NOT NULL CHECK (act IN ('changed', 'checked', 'failed', 'approved', 'declined', 'withdrawn', 'seconded')),
    about words NOT NULL,  -- an interface, templates, sealed, check, second, settings
    basis words,  -- code: UK GDPR, article 6
    conditions words NOT NULL DEFAULT '',  -- codes with spaces between: articles 9 and 10
    words words,
    found words,  -- JSON: what a check found
    digest bytea,  -- of all that a second person approved
    principal words NOT NULL,
    PRIMARY KEY (authority, id),
    FOREIGN KEY (authority, installation) REFERENCES installation (authority, id),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id)
);
CREATE INDEX installation_act_of ON installation_act (authority, installation, id);
CALL keep_apart('installation_act');
GRANT SELECT, INSERT ON installation_act TO hearth_app;

-- Each time that an installation was let decide, what it took that from, and how that ended.
CREATE TABLE activation (
    authority words NOT NULL DEFAULT this_authority(),
    id bigint NOT NULL,
    installation bytea NOT NULL,
    change bigint NOT NULL,
    at bigint NOT NULL,
    replaced words NOT NULL,  -- ids with spaces between: those that decided until then
    principal words NOT NULL,
    reason words,
    ended_at bigint,  -- another decides
    ended_by words,
    ended_why words,
    by_itself bigint NOT NULL DEFAULT 0 CHECK (by_itself IN (0, 1)),  -- it failed, and the host went back
    PRIMARY KEY (authority, id),
    FOREIGN KEY (authority, installation) REFERENCES installation (authority, id),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id)
);
CREATE INDEX activation_of ON activation (authority, installation, id);
CALL keep_apart('activation');
GRANT SELECT, INSERT, UPDATE (ended_at, ended_by, ended_why, by_itself) ON activation TO hearth_app;

-- An activation that is to be at an instant: once, by whoever looks first after it.
CREATE TABLE planned_switch (
    authority words NOT NULL DEFAULT this_authority(),
    id bigint NOT NULL,
    installation bytea NOT NULL,
    change bigint NOT NULL,
    at bigint NOT NULL,
    principal words NOT NULL,
    reason words,
    state words NOT NULL CHECK (state IN ('waiting', 'done', 'dropped', 'failed')),
    settled_at bigint,
    settled_by words,
    why words,  -- it could not be done
    PRIMARY KEY (authority, id),
    FOREIGN KEY (authority, installation) REFERENCES installation (authority, id),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id)
);
CREATE UNIQUE INDEX planned_switch_waiting ON planned_switch (authority, installation) WHERE state = 'waiting';
CREATE INDEX planned_switch_due ON planned_switch (authority, at, id) WHERE state = 'waiting';
CALL keep_apart('planned_switch');
GRANT SELECT, INSERT, UPDATE (state, settled_at, settled_by, why) ON planned_switch TO hearth_app;

-- Other settings for an installation that decides: a second person says yes, and an installation of the same component follows.
CREATE TABLE settings_change (
    authority words NOT NULL DEFAULT this_authority(),
    id bigint NOT NULL,
    installation bytea NOT NULL,
    change bigint NOT NULL,
    settings words NOT NULL,  -- JSON, whole
    counts_from bigint NOT NULL,  -- day
    money words NOT NULL,  -- JSON: the settings that move money and are others than before
    reason words NOT NULL,
    principal words NOT NULL,
    state words NOT NULL CHECK (state IN ('waiting', 'approved', 'declined')),
    settled_at bigint,
    settled_by words,
    settled_why words,
    successor bytea,
    PRIMARY KEY (authority, id),
    FOREIGN KEY (authority, installation) REFERENCES installation (authority, id),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id),
    FOREIGN KEY (authority, successor) REFERENCES installation (authority, id)
);
CREATE UNIQUE INDEX settings_change_waiting ON settings_change (authority, installation) WHERE state = 'waiting';
CALL keep_apart('settings_change');
GRANT SELECT, INSERT, UPDATE (state, settled_at, settled_by, settled_why, successor) ON settings_change TO hearth_app;

-- A candidate beside the installation that decides: asked what that one was asked, after it answered.
CREATE TABLE shadow (
    authority words NOT NULL DEFAULT this_authority(),
    id bigint NOT NULL,
    installation bytea NOT NULL,
    change bigint NOT NULL,
    began bigint NOT NULL,
    until bigint NOT NULL,
    reached bytea NOT NULL,  -- the last decision that was looked at
    principal words NOT NULL,
    reason words NOT NULL,
    dropped bigint NOT NULL DEFAULT 0,  -- not asked about: too many waited
    ended_at bigint,
    ended_by words,
    PRIMARY KEY (authority, id),
    FOREIGN KEY (authority, installation) REFERENCES installation (authority, id),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id)
);
CREATE UNIQUE INDEX shadow_runs ON shadow (authority, installation) WHERE ended_at IS NULL;
CALL keep_apart('shadow');
GRANT SELECT, INSERT, UPDATE (reached, dropped, ended_at, ended_by) ON shadow TO hearth_app;

-- What a candidate said: beside a decision, and never one.
CREATE TABLE shadow_answer (
    authority words NOT NULL DEFAULT this_authority(),
    shadow bigint NOT NULL,
    decision bytea NOT NULL,
    family bytea NOT NULL,
    at bigint NOT NULL,
    outcome words NOT NULL,  -- answered, or what stopped it
    same bigint NOT NULL CHECK (same IN (0, 1)),  -- byte for byte
    said words NOT NULL,  -- the candidate's result
    differs words NOT NULL,  -- JSON: what differs, by criterion
    sections bigint NOT NULL,  -- that it was handed
    instructions bigint NOT NULL,
    millis bigint NOT NULL,
    PRIMARY KEY (authority, shadow, decision),
    FOREIGN KEY (authority, shadow) REFERENCES shadow (authority, id),
    FOREIGN KEY (authority, decision) REFERENCES decision (authority, id),
    FOREIGN KEY (authority, family) REFERENCES family (authority, id)
);
CREATE INDEX shadow_answer_family ON shadow_answer (authority, family);
CALL keep_apart('shadow_answer');
GRANT SELECT, INSERT, DELETE ON shadow_answer TO hearth_app;

CREATE FUNCTION next_installation_act() RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    RETURN (SELECT COALESCE(MAX(id), 0) + 1 FROM hearth_record.installation_act);
END
$$;
ALTER TABLE installation_act ALTER id SET DEFAULT next_installation_act();
CREATE FUNCTION next_activation() RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    RETURN (SELECT COALESCE(MAX(id), 0) + 1 FROM hearth_record.activation);
END
$$;
ALTER TABLE activation ALTER id SET DEFAULT next_activation();
CREATE FUNCTION next_planned_switch() RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    RETURN (SELECT COALESCE(MAX(id), 0) + 1 FROM hearth_record.planned_switch);
END
$$;
ALTER TABLE planned_switch ALTER id SET DEFAULT next_planned_switch();
CREATE FUNCTION next_settings_change() RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    RETURN (SELECT COALESCE(MAX(id), 0) + 1 FROM hearth_record.settings_change);
END
$$;
ALTER TABLE settings_change ALTER id SET DEFAULT next_settings_change();
CREATE FUNCTION next_shadow() RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    RETURN (SELECT COALESCE(MAX(id), 0) + 1 FROM hearth_record.shadow);
END
$$;
ALTER TABLE shadow ALTER id SET DEFAULT next_shadow();
