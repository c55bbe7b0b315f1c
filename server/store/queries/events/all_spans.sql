-- The next spans of some partitions of one bucket with their packed rows, by partition and position.
select s.partition_id, s.first_position, s.captured_at as "captured_at: Ts", s.block_bucket, s.rows
from event_span s
where s.bucket = $1 and s.partition_id = any($2) and (s.partition_id, s.first_position) > ($3::bigint, $4::bigint)
  and s.min_time < $5 and s.max_time >= $6
order by s.partition_id, s.first_position
limit $7
