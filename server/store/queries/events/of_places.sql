-- Events of one bucket by their places in the blocks of spans.
select e.partition_id, e.position, e.sort_time as "sort_time: Ts", e.captured_at as "captured_at: Ts", e.block_first,
       e.block_bucket, e.ordinal, e.broker_ms, e.ce_time as "ce_time: Ts", e.type_id, e.size, e.flags, e.key_hash
from unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::smallint[]) as w(partition_id, first_position, last_position, ordinal)
join event e on e.bucket = $1 and e.partition_id = w.partition_id
            and e.position between w.first_position and w.last_position and e.ordinal = w.ordinal
where (e.sort_time, e.partition_id, e.position) < ($6, $7::bigint, $8::bigint)
  and e.sort_time >= $9
