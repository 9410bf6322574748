-- A notice may tell of two more things that become of an installation: that it was parked, and that what was planned for it could not be done. As
-- sqlite/authority/0026.
ALTER TABLE notice ADD COLUMN parking bigint;
ALTER TABLE notice ADD COLUMN planned_switch bigint;
ALTER TABLE notice ADD FOREIGN KEY (authority, parking) REFERENCES parking (authority, id);
ALTER TABLE notice ADD FOREIGN KEY (authority, planned_switch) REFERENCES planned_switch (authority, id);
ALTER TABLE notice ADD UNIQUE (authority, parking, login);
ALTER TABLE notice ADD UNIQUE (authority, planned_switch, login);
ALTER TABLE notice DROP CONSTRAINT notice_check;
ALTER TABLE notice ADD CHECK (num_nonnulls(proposal, activation, parking, planned_switch) = 1);
