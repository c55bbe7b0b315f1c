-- How far a partition was compared with its broker, and what was found. Differences are few; at most 1,000 of a
-- partition are kept.
create table partition_verified (
    partition_id bigint primary key references partition on delete cascade,
    -- What was captured last was within the sample then.
    verified_at timestamptz,
    compared bigint not null default 0,
    gone bigint not null default 0,
    -- Bytes read in the background since `day_from`, for at most a day: then it is counted anew.
    day_from timestamptz not null,
    day_bytes bigint not null default 0
) with (fillfactor = 70);
create table verify_difference (
    partition_id bigint not null references partition on delete cascade,
    position bigint not null,
    kind text not null,
    found_at timestamptz not null,
    primary key (partition_id, position, kind)
);
