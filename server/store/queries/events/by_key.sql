-- Events by the hash of their key, in no order. `+ 0` keeps the primary key out of it: only the index of hashes helps here.
select e.partition_id, e.position, e.sort_time as "sort_time: Ts", e.captured_at as "captured_at: Ts", e.block_first,
       e.block_bucket, e.ordinal, e.broker_ms, e.ce_time as "ce_time: Ts", e.type_id, e.size, e.flags, e.key_hash
from event e
where e.key_hash = $1 and e.partition_id + 0 = any($2) and e.bucket = any($4)
limit $3
