-- The spans that begin after a position in its partition, the nearest first. Buckets as
-- in `spans_before.sql`.
select s.bucket as "bucket!", s.first_position as "first_position!", s.events as "events!"
from (
    select bucket from partition_bucket
    where partition_id = $1 and part = 'metadata' and last_position >= $2
    order by greatest(first_position, $2) limit 40
) d
cross join lateral (
    select bucket, first_position, events from event_span s
    where s.bucket = d.bucket and s.partition_id = $1 and s.first_position > $2
    order by s.first_position
    limit $3
) s
order by s.first_position
limit $3
