-- The next spans of a partition with something behind a position, which may lie in the first of them.
with buckets as (
    select array(
        select d.bucket from partition_bucket d
        where d.partition_id = $1 and d.part = 'metadata' and d.last_position > $2) as ids
)
select s.bucket as "bucket!", s.first_position as "first!", s.last_position as "last!", s.block_bucket
from event_span s
where s.partition_id = $1 and s.last_position > $2 and s.bucket = any((select ids from buckets)::integer[])
  and s.first_position >= coalesce((
      select max(i.first_position) from event_span i
      where i.partition_id = $1 and i.bucket = any((select ids from buckets)::integer[]) and i.first_position <= $2), $2)
order by s.first_position limit $3
