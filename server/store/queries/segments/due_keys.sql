-- How much of each bucket is in no segment yet, as far as it is counted.
select b.id as "bucket!", b.to_time <= $1 as "over!", s.spans as "spans!", s.events as "amount!"
from bucket b
cross join lateral (
    select count(*) as spans, coalesce(sum(o.events), 0)::bigint as events
    from (select events from event_span where bucket = b.id and keys_in is null limit $2) o
) s
where b.part = 'metadata' and b.detached_at is null and s.spans > 0
order by b.to_time
