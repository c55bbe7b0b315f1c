-- Channels with positions before what is stored of their open partitions, which nobody fills or has filled.
select c.id as "channel!", c.name as "name!", sum(t.upto)::bigint as "positions!",
       (sum(t.raw_bytes) / nullif(sum(t.events), 0))::bigint as bytes_each
from channel c
join partition p on p.channel_id = c.id and p.closed_at is null
join partition_cursor k on k.partition_id = p.id
cross join lateral (
    select coalesce(min(b.first_position), k.next_position) as upto, sum(b.events) as events, sum(b.raw_bytes) as raw_bytes
    from partition_bucket b where b.partition_id = p.id and b.part = 'metadata'
) t
where c.source_id = $1 and c.id = any($2) and t.upto > 0
  and not exists (select from backfill f where f.channel_id = c.id and f.state in ('running', 'paused'))
  and not exists (
      select from backfill_partition d join partition_cursor o on o.partition_id = d.partition_id
      where d.of_partition = p.id and coalesce(o.next_position, 0) >= d.to_position)
group by c.id, c.name
order by c.name, c.id
