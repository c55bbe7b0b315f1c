-- Buckets that hold something after the given positions.
select d.partition_id, d.bucket, d.last_position, w.after as "after!"
from unnest($1::bigint[], $2::bigint[]) as w(partition_id, after)
join partition_bucket d on d.partition_id = w.partition_id and d.part = 'metadata' and d.last_position > w.after
