-- The span that a position is in, if it is in one; the directory says in which bucket it can be.
select s.bucket as "bucket!", s.first_position as "first_position!"
from partition_bucket d
cross join lateral (
    select bucket, first_position, last_position from event_span s
    where s.bucket = d.bucket and s.partition_id = $1 and s.first_position <= $2
    order by s.first_position desc
    limit 1
) s
where d.partition_id = $1 and d.part = 'metadata' and $2 between d.first_position and d.last_position
  and s.last_position >= $2
