-- Authorities for training and trying out: all their families are invented. As sqlite/common/0008: nobody may update an authority.
ALTER TABLE authority ADD COLUMN invented bigint NOT NULL DEFAULT 0 CHECK (invented IN (0, 1));
