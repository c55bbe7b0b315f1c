-- When the database gave up what its tables held before: erasures that tombstones began share that.
alter table erasure add column cleaned_at timestamptz;
