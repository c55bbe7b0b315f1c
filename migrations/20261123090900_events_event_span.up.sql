-- A run of events stored together: what is known of a block without opening it, and what outlives it. Lists walk these
-- newest first and read only the rows of spans that can hold something.
create table event_span (
    partition_id bigint not null,
    first_position bigint not null,
    last_position bigint not null,
    min_time timestamptz not null,
    max_time timestamptz not null,
    bucket integer not null,
    events integer not null,
    primary key (partition_id, first_position, bucket)
) partition by list (bucket);
create index event_span_time on event_span (partition_id, max_time, first_position, min_time);
