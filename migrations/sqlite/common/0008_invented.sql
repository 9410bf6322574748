-- Authorities for training and trying out: all their families are invented. Said when one is created, and never changed.
ALTER TABLE authority ADD COLUMN invented INTEGER NOT NULL DEFAULT 0 CHECK (invented IN (0, 1));

CREATE TRIGGER authority_stays_what_it_is BEFORE UPDATE ON authority
BEGIN
    SELECT RAISE(ABORT, 'an authority is invented from the beginning, or never');
END;
