-- Legal holds: events that stay past their retention and are not erased, until a day. Made by people, so UUIDv7.
create table hold (
    id uuid primary key,
    name text not null check (char_length(name) between 1 and 100),
    kind text not null check (kind in ('channel', 'key', 'events')),
    -- Of a channel: all of it, or what sorts into a range.
    channel_id bigint references channel,
    from_time timestamptz,
    to_time timestamptz,
    -- Of a key: its hash as rows keep it, in every channel, until the hold has ended. The key itself is not kept.
    key_hash bigint,
    reason text not null check (char_length(reason) between 1 and 500),
    made_by uuid references person on delete set null,
    made_name text not null,
    made_at timestamptz not null,
    ends_at timestamptz not null,
    -- Ended early, by a person.
    ended_at timestamptz,
    ended_name text,
    check ((kind = 'channel') = (channel_id is not null))
);
create index hold_ends on hold (ends_at);
create table hold_event (
    hold_id uuid not null references hold on delete cascade,
    partition_id bigint not null,
    position bigint not null,
    primary key (hold_id, partition_id, position)
);
-- Buckets whose retention has passed and that a hold keeps, with the time this was found.
create table hold_pin (
    hold_id uuid not null references hold on delete cascade,
    part text not null check (part in ('metadata', 'payload')),
    bucket integer not null,
    found_at timestamptz not null default now(),
    primary key (hold_id, part, bucket)
);
