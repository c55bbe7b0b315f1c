-- The newest matching events of some spans in one bucket.
select e.partition_id, e.position, e.sort_time as "sort_time: Ts", e.captured_at as "captured_at: Ts", e.block_first,
       e.block_bucket, e.ordinal, e.broker_ms, e.ce_time as "ce_time: Ts", e.type_id, e.size, e.flags, e.key_hash
from unnest($2::bigint[], $3::bigint[], $4::bigint[]) as w(partition_id, first_position, last_position)
join event e on e.bucket = $1 and e.partition_id = w.partition_id
            and e.position between w.first_position and w.last_position
where (e.sort_time, e.partition_id, e.position) < ($5, $6::bigint, $7::bigint)
  and e.sort_time >= $8
  and ($9::integer[] is null or e.type_id = any($9))
  and ($10::bigint is null or e.key_hash = $10)
order by e.sort_time desc, e.partition_id desc, e.position desc
limit $11
