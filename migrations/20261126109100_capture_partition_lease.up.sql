-- Who reads a partition. A row for each that is to be read; held while `member_id` is a member that lives, so that a
-- member's one beat keeps all of them and a row is written only when it changes hands. No foreign key to the member:
-- its death would write every row.
create sequence partition_lease_epoch;
create table partition_lease (
    partition_id bigint primary key references partition on delete cascade,
    source_id bigint not null references source on delete cascade,
    member_id bigint,
    -- Grows with every holder, over all partitions.
    epoch bigint not null default 0
) with (fillfactor = 70);
create index partition_lease_member on partition_lease (source_id, member_id);
