-- Some events of one bucket by the hash of their key whose blocks are still there. `+ 0` as in `by_key.sql`.
select e.partition_id, e.position, e.sort_time as "sort_time: Ts", e.captured_at as "captured_at: Ts", e.block_first,
       e.block_bucket, e.ordinal, e.broker_ms, e.ce_time as "ce_time: Ts", e.type_id, e.size, e.flags, e.key_hash
from event e
where e.key_hash = $1 and e.partition_id + 0 = any($2) and e.bucket = $3
  and e.block_bucket = any(array(select y.bucket from partition_bucket y where y.part = 'payload' and y.partition_id = any($2)))
limit $4
