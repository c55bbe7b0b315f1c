-- Some events of one bucket by their identity.
select e.partition_id, e.position, e.sort_time as "sort_time: Ts", e.captured_at as "captured_at: Ts", e.block_first,
       e.block_bucket, e.ordinal, e.broker_ms, e.ce_time as "ce_time: Ts", e.type_id, e.size, e.flags, e.key_hash
from unnest($2::bigint[], $3::bigint[]) as w(partition_id, position)
join event e on e.bucket = $1 and e.partition_id = w.partition_id and e.position = w.position
