-- +goose Up

-- Whether the words of a voicemail were handed to the call, once a machine listened: what is said to have been left rests on it. Of touches from
-- before nobody noted it; they count as before.
ALTER TABLE touches ADD COLUMN message_given boolean NOT NULL DEFAULT true;
ALTER TABLE touches ALTER COLUMN message_given SET DEFAULT false;

-- +goose Down
ALTER TABLE touches DROP COLUMN message_given;
