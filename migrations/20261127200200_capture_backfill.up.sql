-- Filling what lies before capture began. What is filled of a partition is kept under a partition of its own, of the same
-- incarnation and closed from the start: it has a cursor of its own, which moves with what is stored, and taps never see it.
create table backfill (
    channel_id bigint primary key references channel on delete cascade,
    state text not null check (state in ('running', 'paused', 'stopped', 'done', 'failed')),
    bytes_per_s bigint not null,
    -- Kept without their name once they are gone.
    asked_by uuid references person on delete set null,
    asked_at timestamptz not null,
    changed_at timestamptz not null,
    -- Why it does not go on.
    reason text
);
create table backfill_partition (
    partition_id bigint primary key references partition on delete cascade,
    -- The partition that it stands before.
    of_partition bigint not null unique references partition on delete cascade,
    channel_id bigint not null references backfill on delete cascade,
    -- Where the broker's log began when it was first read.
    from_position bigint,
    -- The first position that capture has.
    to_position bigint not null
);
create index backfill_partition_channel on backfill_partition (channel_id);
