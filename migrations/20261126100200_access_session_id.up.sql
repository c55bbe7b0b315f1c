-- What a person ends a session by: its number opens nothing.
alter table session add column id bigint generated always as identity unique;
