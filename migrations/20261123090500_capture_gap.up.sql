-- Positions that can't be had any more (decision 8): recorded with their bounds, shown, never passed over.
create table gap (
    id bigint generated always as identity primary key,
    partition_id bigint not null references partition,
    from_position bigint not null,
    -- First position after the gap; null where the end is not known.
    to_position bigint,
    reason text not null,
    detail text not null,
    found_at timestamptz not null
);
create index gap_partition on gap (partition_id, found_at);
