-- What the bridge keeps of its own: who is who, rooms and their settings, sessions, sanctions, what was issued and told.
-- TEXT and BIGINT only: the same text runs on SQLite and PostgreSQL. Ids are ULIDs, times are milliseconds since 1970.
-- last_name and last_language: what Sympa said last, for when it is away.
CREATE TABLE person (
  id TEXT PRIMARY KEY,
  email TEXT NOT NULL UNIQUE,
  chosen_name TEXT,
  language TEXT,
  last_name TEXT,
  last_language TEXT,
  made_at BIGINT NOT NULL
);

-- A room is of a list (list, robot), or direct between two people (a < b). closed_at: since when the list has been closed or
-- gone; after closed_keep_days the room is no longer its room, and the list gets a new one should it open again.
CREATE TABLE room (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  list TEXT,
  robot TEXT,
  a TEXT,
  b TEXT,
  made_at BIGINT NOT NULL,
  closed_at BIGINT,
  UNIQUE (list, robot),
  UNIQUE (a, b)
);
CREATE INDEX room_b ON room (b);

CREATE TABLE setting (
  room TEXT PRIMARY KEY REFERENCES room (id),
  mode TEXT NOT NULL,
  roster TEXT NOT NULL
);

CREATE TABLE sanction (
  room TEXT NOT NULL REFERENCES room (id),
  person TEXT NOT NULL REFERENCES person (id),
  kind TEXT NOT NULL,
  until BIGINT NOT NULL,
  reason TEXT NOT NULL,
  by_person TEXT NOT NULL REFERENCES person (id),
  PRIMARY KEY (room, person, kind)
);
CREATE INDEX sanction_person ON sanction (person);

CREATE TABLE direct_block (
  room TEXT NOT NULL REFERENCES room (id),
  person TEXT NOT NULL REFERENCES person (id),
  PRIMARY KEY (room, person)
);

-- Every room token that still counts, and how the person stood when the services last heard of them.
CREATE TABLE live (
  person TEXT NOT NULL,
  room TEXT NOT NULL,
  sid TEXT NOT NULL,
  standing TEXT NOT NULL,
  exp BIGINT NOT NULL,
  PRIMARY KEY (person, room, sid)
);
CREATE INDEX live_exp ON live (exp);

-- Sessions of the bridge; of the cookie only the SHA-256 is kept. sympa_sid: the newest id of the Sympa session it came from.
CREATE TABLE session (
  hash TEXT PRIMARY KEY,
  sid TEXT NOT NULL UNIQUE,
  person TEXT NOT NULL REFERENCES person (id),
  kind TEXT NOT NULL,
  sympa_sid TEXT,
  seen_at BIGINT NOT NULL,
  exp BIGINT NOT NULL
);
CREATE INDEX session_exp ON session (exp);

-- Sign-in links; of the ticket only the SHA-256 is kept.
CREATE TABLE ticket (
  hash TEXT PRIMARY KEY,
  email TEXT NOT NULL,
  room TEXT,
  exp BIGINT NOT NULL
);

-- Tickets of the custom action that were used.
CREATE TABLE nonce (
  hash TEXT PRIMARY KEY,
  exp BIGINT NOT NULL
);

CREATE TABLE audit (
  id TEXT PRIMARY KEY,
  at BIGINT NOT NULL,
  by_person TEXT NOT NULL,
  act TEXT NOT NULL,
  room TEXT NOT NULL,
  person TEXT,
  detail TEXT NOT NULL
);

CREATE TABLE signing_key (
  id TEXT PRIMARY KEY,
  seed TEXT NOT NULL,
  made_at BIGINT NOT NULL
);
