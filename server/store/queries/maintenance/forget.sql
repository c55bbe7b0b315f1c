-- The oldest spans of one partition in one bucket, captured before `$3` if that is said: deleted, at most `$4` of them, with the
-- directory's figures made smaller, and word left of them as of a bucket that is dropped. (Of those out of sight it is there.)
with old as (
    select first_position from event_span
    where bucket = $1 and partition_id = $2 and ($3::timestamptz is null or captured_at < $3)
    order by first_position limit $4
), gone as (
    delete from event_span s using old o
    where s.bucket = $1 and s.partition_id = $2 and s.first_position = o.first_position
    returning s.first_position, s.last_position, s.min_time, s.max_time, s.events
), freed as (
    select count(*) as spans, min(first_position) as first_position, max(last_position) as last_position,
           min(min_time) as min_time, max(max_time) as max_time, coalesce(sum(events), 0)::bigint as events
    from gone
), smaller as (
    update partition_bucket d set
        first_position = least(d.last_position, f.last_position + 1),
        events = greatest(0, d.events - f.events)
    from freed f
    where f.spans > 0 and d.part = 'metadata' and d.bucket = $1 and d.partition_id = $2
), word as (
    insert into bucket_dropped as b
        (partition_id, bucket, class_days, first_position, last_position, min_time, max_time, dropped_at)
    select p.id, $1, c.metadata_class, f.first_position, f.last_position, f.min_time, f.max_time, clock_timestamp()
    from freed f join partition p on p.id = $2 join channel c on c.id = p.channel_id
    where f.spans > 0 and $3::timestamptz is not null
    on conflict (partition_id, bucket) do update
    set first_position = least(b.first_position, excluded.first_position),
        last_position = greatest(b.last_position, excluded.last_position),
        min_time = least(b.min_time, excluded.min_time),
        max_time = greatest(b.max_time, excluded.max_time)
)
select spans as "spans!" from freed
