-- An event without payload erases the earlier ones of its key, where a channel's policy says so.
alter table channel
    add column erase_on_tombstone boolean not null default false,
    -- Who switched it on, by the name that they had, and when.
    add column tombstones_by text,
    add column tombstones_since timestamptz,
    add constraint channel_tombstones check (not erase_on_tombstone or (tombstones_by is not null and tombstones_since is not null));
-- Up to where a partition was looked through for them.
create table tombstone_cursor (
    partition_id bigint primary key,
    position bigint not null
) with (fillfactor = 50);
-- An erasure that a channel's policy began: nobody asks and nobody approves each of them.
alter table erasure add column by_tombstones bigint;
create index erasure_by_tombstones on erasure (by_tombstones, asked_at) where by_tombstones is not null;
