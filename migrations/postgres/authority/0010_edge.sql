-- Other computers that the host may reach for the authority: what was said last of a destination counts.
CREATE TABLE destination (
    authority   words NOT NULL DEFAULT this_authority(),
    destination words NOT NULL,         -- name or address, with its port where that is not 443
    change      bigint NOT NULL,
    open        bigint NOT NULL,        -- 0: not to be reached any more
    why         words NOT NULL,
    PRIMARY KEY (authority, destination, change),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id)
);
CALL keep_apart('destination');
GRANT SELECT, INSERT ON destination TO hearth_app;
