-- A notice may tell of an installation too: that it failed and the host went back from it. It hangs on the activation that ended so, and is about no
-- family. As sqlite/authority/0024.
ALTER TABLE notice ALTER COLUMN proposal DROP NOT NULL;
ALTER TABLE notice ADD COLUMN activation bigint;
ALTER TABLE notice ADD FOREIGN KEY (authority, activation) REFERENCES activation (authority, id);
ALTER TABLE notice ADD UNIQUE (authority, activation, login);
ALTER TABLE notice ADD CHECK ((proposal IS NULL) <> (activation IS NULL));
