-- The oldest spans of one partition in one bucket, captured before `$3` if that is said: deleted, at most `$4` of them, with the
-- directory's figures made smaller.
with old as (
    select first_position from event_span
    where bucket = $1 and partition_id = $2 and ($3::timestamptz is null or captured_at < $3)
    order by first_position limit $4
), gone as (
    delete from event_span s using old o
    where s.bucket = $1 and s.partition_id = $2 and s.first_position = o.first_position
    returning s.last_position, s.events
), freed as (
    select count(*) as spans, max(last_position) as last_position, coalesce(sum(events), 0)::bigint as events from gone
), smaller as (
    update partition_bucket d set
        first_position = least(d.last_position, f.last_position + 1),
        events = greatest(0, d.events - f.events)
    from freed f
    where f.spans > 0 and d.part = 'metadata' and d.bucket = $1 and d.partition_id = $2
)
select spans as "spans!" from freed
