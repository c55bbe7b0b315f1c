-- The packed rows of some spans of one bucket.
select s.partition_id, s.first_position, s.captured_at as "captured_at: Ts", s.block_bucket, s.rows
from unnest($2::bigint[], $3::bigint[]) as w(partition_id, first_position)
join event_span s on s.bucket = $1 and s.partition_id = w.partition_id and s.first_position = w.first_position
