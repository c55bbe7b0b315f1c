create table event_row (
    partition_id bigint not null,
    position bigint not null,
    sort_time timestamptz not null,
    captured_at timestamptz not null,
    block_first bigint not null,
    broker_ms bigint,
    key_hash bigint,
    ce_time timestamptz,
    bucket integer not null,
    type_id integer not null,
    size integer not null,
    block_bucket integer,
    ordinal smallint not null,
    flags smallint not null,
    primary key (partition_id, position, bucket)
) partition by list (bucket);
create index event_key on event_row using brin (key_hash int8_bloom_ops (n_distinct_per_range = 2300, false_positive_rate = 0.01))
    with (pages_per_range = 32, autosummarize = on);

do $$
declare
    b integer;
begin
    for b in select id from bucket where part = 'metadata' and to_regclass('event_span_b' || id) is not null order by id loop
        execute format('create table event_b%1$s (like event_row including all, check (bucket = %1$s))', b);
        execute format('alter table event_row attach partition event_b%1$s for values in (%1$s)', b);
        execute format('insert into event_b%1$s select partition_id, position, sort_time, captured_at, block_first, broker_ms,
            key_hash, ce_time, bucket, type_id, size, block_bucket, ordinal, flags from event where bucket = %1$s', b);
    end loop;
end $$;

drop view event;
drop function span_rows;
drop function from_micros;
alter table event_row rename to event;
alter table event rename constraint event_row_pkey to event_pkey;
alter table event_span drop column rows, drop column block_bucket, drop column captured_at;
