-- Spans of a partition that hold positions from $2 to before $3. They don't overlap, so the first of them is the last
-- that begins at or before $2.
with buckets as (
    select array_agg(d.bucket) as ids from partition_bucket d
    where d.partition_id = $1 and d.part = 'metadata' and d.first_position < $3 and d.last_position >= $2
)
select s.bucket, s.first_position, s.last_position, s.events
from event_span s, buckets b
where s.partition_id = $1 and s.bucket = any(b.ids) and s.first_position < $3 and s.last_position >= $2
  and s.first_position >= coalesce((
      select max(f.first_position) from event_span f
      where f.partition_id = $1 and f.bucket = any(b.ids) and f.first_position <= $2), $2)
order by s.bucket, s.first_position
limit $4
