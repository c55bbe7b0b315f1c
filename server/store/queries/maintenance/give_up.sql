-- The oldest blocks of one partition in one bucket: deleted, so many that `$4` bytes are freed, with the directory's figures
-- made smaller and what was given up put down. Whole blocks, at most `$3` of them.
with oldest as (
    select b.first_position, b.bytes, sum(b.bytes) over (order by b.first_position) - b.bytes as before
    from (
        select first_position, octet_length(body)::bigint as bytes from block
        where bucket = $1 and partition_id = $2 order by first_position limit $3
    ) b
), gone as (
    delete from block b using oldest o
    where b.bucket = $1 and b.partition_id = $2 and b.first_position = o.first_position and o.before < $4::bigint
    returning b.first_position, b.last_position, b.raw_bytes, o.bytes
), freed as (
    select count(*) as blocks, min(first_position) as first_position, max(last_position) as last_position,
           coalesce(sum(bytes), 0)::bigint as bytes, coalesce(sum(raw_bytes), 0)::bigint as raw_bytes
    from gone
), smaller as (
    update partition_bucket d set
        -- Not where content of earlier events was filled meanwhile.
        first_position = case when d.first_position >= f.first_position then least(d.last_position, f.last_position + 1)
                              else d.first_position end,
        -- How many of its events had bytes in these blocks is told by their part of the bytes.
        events = d.events - (d.events * least(1, f.bytes::numeric / greatest(d.stored_bytes, 1)))::bigint,
        raw_bytes = greatest(0, d.raw_bytes - f.raw_bytes),
        stored_bytes = greatest(0, d.stored_bytes - f.bytes)
    from freed f
    where f.blocks > 0 and d.partition_id = $2 and d.part = 'payload' and d.bucket = $1
), marked as (
    -- Before the first goes: how large the table is for what it holds.
    update bucket b set density = greatest(1, pg_total_relation_size(to_regclass('block_b' || $1::text))::double precision
        / greatest(1, (select sum(d.stored_bytes) from partition_bucket d where d.part = 'payload' and d.bucket = $1)))
    from freed f
    where f.blocks > 0 and b.part = 'payload' and b.id = $1 and b.density is null
), told as (
    insert into payload_given_up as g (partition_id, reason, hour, first_position, last_position, bytes, allowed, first_at, last_at)
    select $2, $5, $6::integer, f.first_position, f.last_position, f.bytes, $7::bigint, $8::timestamptz, $8::timestamptz from freed f where f.blocks > 0
    on conflict (partition_id, reason, hour) do update set
        first_position = least(g.first_position, excluded.first_position),
        last_position = greatest(g.last_position, excluded.last_position),
        bytes = g.bytes + excluded.bytes,
        allowed = excluded.allowed,
        last_at = excluded.last_at
)
select blocks as "blocks!", bytes as "bytes!" from freed
