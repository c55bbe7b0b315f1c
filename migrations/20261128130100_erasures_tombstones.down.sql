alter table erasure drop column by_tombstones;
drop table tombstone_cursor;
alter table channel
    drop constraint channel_tombstones,
    drop column erase_on_tombstone,
    drop column tombstones_by,
    drop column tombstones_since;
