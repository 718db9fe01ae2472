-- +goose Up

-- What senders, SDRs and throttled domains have taken of their capacity: how many touches were planned at an instant, and, below zero, how many of
-- these were skipped later. It is only ever added to. Counting the touches themselves read all of a sender's day for each bite of the planner, by
-- an index that each change of a touch's state wrote to.
CREATE TABLE capacity_taken (
    id      bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    channel text        NOT NULL,
    sender  text        NOT NULL,
    domain  text        NOT NULL, -- of the addresses, when it has a throttle; '' else
    at      timestamptz NOT NULL, -- when the touches were planned
    n       int         NOT NULL
);
CREATE INDEX capacity_taken_sender ON capacity_taken (channel, sender, at) INCLUDE (n);
CREATE INDEX capacity_taken_domain ON capacity_taken (domain, at) INCLUDE (n) WHERE domain <> '';
CREATE INDEX capacity_taken_at ON capacity_taken (at);
-- No allowance looks back for more than a day and an hour.
INSERT INTO capacity_taken (channel, sender, domain, at, n)
SELECT channel, sender, domain, planned_at, count(*) FROM touches
WHERE state <> 'skipped' AND planned_at >= (SELECT max(planned_at) FROM touches) - interval '3 days'
GROUP BY channel, sender, domain, planned_at;
DROP INDEX touches_capacity;
DROP INDEX touches_domain;

-- How many touches of a sender wait to be claimed. That the channel is named, which it always is, keeps other queries from this index: statistics
-- are mostly gathered while nothing is planned, so that each index of planned touches seems as good as any other.
CREATE INDEX touches_ready ON touches (channel, sender, not_before) WHERE state = 'planned' AND channel <> '';
-- Each tick asks for planned touches that no job sees to. By not_before alone it read all that were planned.
DROP INDEX touches_waiting;
CREATE INDEX touches_waiting ON touches (alarmed_at, not_before) WHERE state = 'planned';
-- What a dead worker has in hand is looked for among what is in flight: touches_one_in_flight.
DROP INDEX touches_claimed;

-- +goose Down
CREATE INDEX touches_claimed ON touches (claimed_by) WHERE state = 'claimed';
DROP INDEX touches_waiting;
CREATE INDEX touches_waiting ON touches (not_before) WHERE state = 'planned';
DROP INDEX touches_ready;
CREATE INDEX touches_domain ON touches (domain, planned_at) INCLUDE (state) WHERE domain <> '';
CREATE INDEX touches_capacity ON touches (channel, sender, planned_at) INCLUDE (state, not_before);
DROP TABLE capacity_taken;
