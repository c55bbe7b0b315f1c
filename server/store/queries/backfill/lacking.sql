-- Spans of a partition from a position on whose events may be of a range of times, with whether their block is there.
with buckets as (
    select array_agg(d.bucket) as ids from partition_bucket d
    where d.partition_id = $1 and d.part = 'metadata' and d.last_position >= $2 and d.max_time >= $3 and d.min_time < $4
), begun as (
    select max(s.first_position) as first from event_span s, buckets b
    where s.partition_id = $1 and s.bucket = any(b.ids) and s.first_position <= $2
)
select s.bucket as "bucket!", s.first_position as "first_position!", s.last_position as "last_position!",
       s.captured_at as "captured_at!: Ts", s.rows as "rows!",
       s.block_bucket is not null and exists (
           select from block k
           where k.bucket = s.block_bucket and k.partition_id = s.partition_id and k.first_position = s.first_position
       ) as "kept!"
from event_span s, buckets b
where s.partition_id = $1 and s.bucket = any(b.ids) and s.first_position >= coalesce((select first from begun), $2)
  and s.last_position >= $2 and s.max_time >= $3 and s.min_time < $4
order by s.first_position
limit $5
