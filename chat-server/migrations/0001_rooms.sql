-- What is said. One row per event; a 'said' row is also the message as it stands now.
CREATE TABLE event (
    room TEXT NOT NULL,
    seq BIGINT NOT NULL,
    kind TEXT NOT NULL,
    at BIGINT NOT NULL,
    person TEXT NOT NULL,
    name TEXT NOT NULL,
    nonce TEXT,
    body TEXT NOT NULL,
    target BIGINT,
    reply_to BIGINT,
    emoji TEXT,
    is_on BOOLEAN NOT NULL,
    mentions TEXT NOT NULL,
    mention_all BOOLEAN NOT NULL,
    moderated BOOLEAN NOT NULL,
    edited_at BIGINT,
    deleted_at BIGINT,
    PRIMARY KEY (room, seq)
);
CREATE UNIQUE INDEX event_nonce ON event (nonce, room, person);
CREATE INDEX event_target ON event (room, target) WHERE kind = 'edited';

-- The reactions that stand now.
CREATE TABLE reaction (
    room TEXT NOT NULL,
    target BIGINT NOT NULL,
    emoji TEXT NOT NULL,
    person TEXT NOT NULL,
    name TEXT NOT NULL,
    seq BIGINT NOT NULL,
    PRIMARY KEY (room, target, emoji, person)
);

-- Who is addressed by which message; the person '*' stands for everybody.
CREATE TABLE mention (
    room TEXT NOT NULL,
    person TEXT NOT NULL,
    seq BIGINT NOT NULL,
    PRIMARY KEY (room, person, seq)
);

-- How far a person has read.
CREATE TABLE read_mark (
    room TEXT NOT NULL,
    person TEXT NOT NULL,
    seq BIGINT NOT NULL,
    PRIMARY KEY (room, person)
);

-- Acts of moderation.
CREATE TABLE audit (
    room TEXT NOT NULL,
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    person TEXT NOT NULL,
    name TEXT NOT NULL,
    act TEXT NOT NULL,
    target BIGINT NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (room, seq)
);
