-- +goose Up

-- Each tick asks for planned touches that no job sees to: those without an alarm. Hardly any touch is ever among them, so that planning and claiming
-- one writes no entry. What was alarmed long ago is looked for once a minute, among all that is planned.
DROP INDEX touches_waiting;
CREATE INDEX touches_unalarmed ON touches (not_before) WHERE state = 'planned' AND alarmed_at IS NULL;

-- +goose Down
DROP INDEX touches_unalarmed;
CREATE INDEX touches_waiting ON touches (alarmed_at, not_before) WHERE state = 'planned';
