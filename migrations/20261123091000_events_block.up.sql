-- Keys, headers and payloads, compressed together (decision 4). The only place that holds payload values.
create table block (
    partition_id bigint not null,
    first_position bigint not null,
    last_position bigint not null,
    bucket integer not null,
    raw_bytes integer not null,
    body bytea not null,
    primary key (partition_id, first_position, bucket)
) partition by list (bucket);
-- zstd has compressed it; and a prefix can be read without the rest.
alter table block alter column body set storage external;
