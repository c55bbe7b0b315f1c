-- What lay in buckets of metadata that retention dropped: of each partition which positions, when. So that the page of an
-- event that is gone says what it was and when it went.
create table bucket_dropped (
    partition_id bigint not null references partition on delete cascade,
    bucket integer not null,
    class_days smallint not null,
    first_position bigint not null,
    last_position bigint not null,
    min_time timestamptz not null,
    max_time timestamptz not null,
    dropped_at timestamptz not null,
    primary key (partition_id, bucket)
);
create index bucket_dropped_at on bucket_dropped (dropped_at);
