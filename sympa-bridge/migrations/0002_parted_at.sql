-- Since when a room is no longer the room of its list: what was said there is deleted a while after that, not at once.
ALTER TABLE room ADD COLUMN parted_at BIGINT;
UPDATE room SET parted_at = closed_at WHERE kind = 'list' AND list IS NULL;
