-- Partitions that are filled, or were, of some channels.
select d.channel_id, d.partition_id, d.from_position, d.to_position, p.number, p.incarnation, k.cursor, k.next_position,
       c.name as channel, c.source_id, s.name as source, s.origin, s.capture, s.paused or s.orphan as "still!",
       coalesce(b.events, 0)::bigint as "events!", coalesce(b.raw_bytes, 0)::bigint as "raw_bytes!"
from backfill_partition d
join partition p on p.id = d.partition_id
join partition_cursor k on k.partition_id = d.partition_id
join channel c on c.id = d.channel_id
join source s on s.id = c.source_id
left join lateral (
    select sum(m.events) as events, sum(m.raw_bytes) as raw_bytes
    from partition_bucket m where m.partition_id = d.partition_id and m.part = 'metadata'
) b on true
where d.channel_id = any($1)
order by d.channel_id, p.number, d.partition_id
