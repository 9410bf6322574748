-- Other computers that the host may reach for the authority: what was said last of a destination counts.
CREATE TABLE destination (
    destination TEXT NOT NULL,                -- name or address, with its port where that is not 443
    change      INTEGER NOT NULL REFERENCES change (id),
    open        INTEGER NOT NULL,             -- 0: not to be reached any more
    why         TEXT NOT NULL,
    PRIMARY KEY (destination, change)
) STRICT, WITHOUT ROWID;
