-- The small directory that sends every look-up to its bucket, and knows each one's sizes.
create table partition_bucket (
    partition_id bigint not null,
    part text not null check (part in ('metadata', 'payload')),
    bucket integer not null,
    first_position bigint not null,
    last_position bigint not null,
    -- Sort times in it.
    min_time timestamptz not null,
    max_time timestamptz not null,
    -- The longest time that one span in it covers, in µs: how far beyond a time a walk must begin to miss nothing.
    longest_us bigint not null,
    events bigint not null,
    raw_bytes bigint not null,
    stored_bytes bigint not null,
    primary key (partition_id, part, bucket)
) with (fillfactor = 50);
create index partition_bucket_bucket on partition_bucket (part, bucket);
