-- What the walk that counts found, by channel.
create table erasure_count (
    erasure_id uuid not null references erasure on delete cascade,
    channel_id bigint not null,
    events bigint not null,
    -- Of them: whose bytes are gone already, and which a hold keeps.
    bare bigint not null,
    held bigint not null,
    -- Sort times.
    min_time timestamptz not null,
    max_time timestamptz not null,
    primary key (erasure_id, channel_id)
) with (fillfactor = 50);
-- Which erasure took an event's bytes: who, when and why stay with its identity and position.
create table erased_event (
    partition_id bigint not null,
    position bigint not null,
    erasure_id uuid not null references erasure,
    primary key (partition_id, position)
);
-- Hashes of keys that the audit log is to forget, for as long as an erasure runs: what permits it (see audit_keeps_key).
create table erasure_key (
    erasure_id uuid not null references erasure on delete cascade,
    key_hash bigint not null,
    primary key (erasure_id, key_hash)
);
-- Buckets that an erasure wrote to, whose tables are vacuumed before it is done.
create table erasure_bucket (
    erasure_id uuid not null references erasure on delete cascade,
    part text not null check (part in ('metadata', 'payload')),
    bucket integer not null,
    primary key (erasure_id, part, bucket)
);
