-- Whether calls and files of the room go through relays alone, so that nobody there sees another's network address: 0 or 1.
ALTER TABLE setting ADD COLUMN relay_only BIGINT NOT NULL DEFAULT 0;
