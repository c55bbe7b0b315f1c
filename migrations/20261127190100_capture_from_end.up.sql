-- Its channel was switched off and is on again: whoever reads it next goes on at the end of the log, wherever the cursor
-- stands, and records what lies between as a gap. The next append takes the mark away.
alter table partition_cursor add column from_end boolean not null default false;
