-- The same of blocks: their bytes.
select b.id as "bucket!", b.to_time <= $1 as "over!", s.spans as "spans!", s.raw_bytes as "amount!"
from bucket b
cross join lateral (
    select count(*) as spans, coalesce(sum(o.raw_bytes), 0)::bigint as raw_bytes
    from (select raw_bytes from block where bucket = b.id and words_in is null limit $2) o
) s
where b.part = 'payload' and b.detached_at is null and s.spans > 0
order by b.to_time
