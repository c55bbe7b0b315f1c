-- The spans that begin at or before a position in its partition, the nearest first: they lie in the buckets that hold the
-- nearest positions, of a quiet partition in many of them.
select s.bucket as "bucket!", s.first_position as "first_position!", s.events as "events!"
from (
    select bucket from partition_bucket
    where partition_id = $1 and part = 'metadata' and first_position <= $2
    order by least(last_position, $2) desc limit 40
) d
cross join lateral (
    select bucket, first_position, events from event_span s
    where s.bucket = d.bucket and s.partition_id = $1 and s.first_position <= $2
    order by s.first_position desc
    limit $3
) s
order by s.first_position desc
limit $3
