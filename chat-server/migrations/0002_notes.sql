-- What signal-server told of calls and transfers, as JSON; what is said of an offer's end stands with the offer. The names of
-- the files that are offered are people's words: they stand in the body, and go with it.
ALTER TABLE event ADD COLUMN note TEXT;
ALTER TABLE event ADD COLUMN closed_at BIGINT;
ALTER TABLE event ADD COLUMN closed_why TEXT;
