-- The newest events of some partitions in one bucket, each between two positions.
select e.partition_id as "partition_id!", e.position as "position!", e.sort_time as "sort_time!: Ts", e.captured_at as "captured_at!: Ts",
       e.block_first as "block_first!", e.block_bucket, e.ordinal as "ordinal!", e.broker_ms, e.ce_time as "ce_time: Ts",
       e.type_id as "type_id!", e.size as "size!", e.flags as "flags!", e.key_hash
from unnest($2::bigint[], $3::bigint[], $4::bigint[]) as w(partition_id, after, upto)
cross join lateral (
    select * from event e
    where e.bucket = $1 and e.partition_id = w.partition_id and e.position > w.after and e.position <= w.upto
    order by e.position desc
    limit $5
) e
