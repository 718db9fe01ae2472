-- +goose Up

-- Each touch is written three times: planned, claimed, settled. What is not needed at each of these is left out.

-- Our Message-IDs name their touch; no index has to find it.
DROP INDEX touches_message;
-- The enrolment, which a touch refers to as well, guards the cycle's existence.
ALTER TABLE touches DROP CONSTRAINT touches_lead_id_cycle_fkey;
-- Spending an attempt changes no index: with room on its page it stays there.
ALTER TABLE cycles SET (fillfactor = 70);

-- +goose Down
ALTER TABLE cycles RESET (fillfactor);
ALTER TABLE touches ADD CONSTRAINT touches_lead_id_cycle_fkey FOREIGN KEY (lead_id, cycle) REFERENCES cycles (lead_id, cycle) ON DELETE CASCADE;
CREATE INDEX touches_message ON touches (message_id) WHERE message_id <> '';
