-- The events after one in its partition, the nearest first. Buckets as in `before.sql`.
select e.partition_id, e.position, e.sort_time as "sort_time: Ts", e.captured_at as "captured_at: Ts", e.block_first,
       e.block_bucket, e.ordinal, e.broker_ms, e.ce_time as "ce_time: Ts", e.type_id, e.size, e.flags, e.key_hash
from event e
where e.partition_id = $1 and e.position > $2
  and e.bucket = any(array(
      select d.bucket from partition_bucket d
      where d.partition_id = $1 and d.part = 'metadata' and d.last_position > $2
      order by greatest(d.first_position, $2 + 1) limit 40))
order by e.position
limit $3
