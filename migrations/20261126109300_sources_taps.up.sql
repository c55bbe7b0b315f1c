-- How many processes read from a source now, as its reports say.
alter table source add column taps integer not null default 0;
