-- Filling the content of events that were stored without it: of a range of times of a channel, as far as its broker still
-- has them.
create table content_fill (
    channel_id bigint primary key references channel on delete cascade,
    -- Times that events sort by, half-open.
    from_time timestamptz not null,
    to_time timestamptz not null,
    state text not null check (state in ('running', 'paused', 'stopped', 'done', 'failed')),
    bytes_per_s bigint not null,
    -- Kept without their name once they are gone.
    asked_by uuid references person on delete set null,
    asked_at timestamptz not null,
    changed_at timestamptz not null,
    -- Why it does not go on.
    reason text,
    -- Events that lacked content when it was begun, with those that were filled before; null: too many to be counted.
    lacking bigint
);
create table content_fill_partition (
    partition_id bigint primary key references partition on delete cascade,
    channel_id bigint not null references content_fill on delete cascade,
    -- Everything below was looked at.
    done bigint not null,
    over boolean not null default false,
    events bigint not null default 0,
    raw_bytes bigint not null default 0,
    -- The broker has them no more, or something else at their position.
    gone bigint not null default 0,
    other bigint not null default 0,
    -- What is stored beside them can't be read.
    unreadable bigint not null default 0
) with (fillfactor = 50);
create index content_fill_partition_channel on content_fill_partition (channel_id);
