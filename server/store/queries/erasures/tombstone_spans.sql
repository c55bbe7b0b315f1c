-- The next spans of a partition behind a position, with the bucket of their block.
select s.bucket as "bucket!", s.first_position as "first!", s.last_position as "last!", s.block_bucket
from event_span s
where s.partition_id = $1 and s.first_position > $2
  and s.bucket = any(array(
      select d.bucket from partition_bucket d where d.partition_id = $1 and d.part = 'metadata' and d.last_position > $2))
order by s.first_position limit $3
