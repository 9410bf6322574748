-- Letters on their way to people, and how far the feed of what happened is not kept any more. As sqlite/authority/0025.

CREATE TABLE letter (
    authority words NOT NULL DEFAULT this_authority(),
    id        bytea NOT NULL,               -- its Message-ID: the same however often it is sent
    change    bigint NOT NULL,
    login     bytea NOT NULL,               -- to whom
    kind      words NOT NULL CHECK (kind IN ('waits', 'front-door')),
    tries     bigint NOT NULL DEFAULT 0,
    try_at    bigint,                       -- not before; none: it was sent, or given up
    sent      bigint,
    PRIMARY KEY (authority, id),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id)
);
CREATE INDEX letter_due ON letter (authority, try_at, id) WHERE try_at IS NOT NULL;
CREATE INDEX letter_to ON letter (authority, login, kind) WHERE try_at IS NOT NULL;
CALL keep_apart('letter');
GRANT SELECT, INSERT, DELETE, UPDATE (tries, try_at, sent) ON letter TO hearth_app;

CREATE TABLE feed_cut (
    authority  words NOT NULL DEFAULT this_authority(),
    change     bigint NOT NULL,
    cut_change bigint NOT NULL,
    cut_place  bigint NOT NULL,
    PRIMARY KEY (authority, change),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id)
);
CALL keep_apart('feed_cut');
GRANT SELECT, INSERT ON feed_cut TO hearth_app;

-- What was announced is kept for a set time.
GRANT DELETE ON announcement TO hearth_app;
