-- +goose Up

-- 0001 lacked this column when it was first released.
ALTER TABLE enrollments ADD COLUMN IF NOT EXISTS held_until timestamptz;

-- +goose Down
SELECT 1; -- it stays: programs of this schema and of those before need it
