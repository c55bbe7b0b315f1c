-- Visible channels with what their partitions add up to. Events of 24 h: whole hours, and the minutes of the first one.
-- $5 is this minute: was anything captured in it, and before?
select c.id, c.source_id, c.name,
       coalesce(p.open, 0) as "partitions!", p.behind as "behind?", p.last_event_at as "last_event: Ts",
       p.opened_at as "opened_at?: Ts", coalesce(g.gaps, 0) as "gaps!", coalesce(d.events, 0)::bigint as "events_24h!",
       exists (
           select from partition p join partition_minute m on m.partition_id = p.id
           where p.channel_id = c.id and m.events > 0 and m.minute >= $5
       ) as "now!",
       exists (
           select from partition p join partition_minute m on m.partition_id = p.id
           where p.channel_id = c.id and m.events > 0 and m.minute < $5
       ) or exists (
           select from partition p join partition_hour h on h.partition_id = p.id
           where p.channel_id = c.id and h.events > 0 and h.hour < $5 / 60
       ) as "before!"
from channel c
left join lateral (
    select count(*) filter (where p.closed_at is null) as open,
           sum(greatest(k.end_position - k.next_position, 0)) filter (where p.closed_at is null)::bigint as behind,
           max(k.last_event_at) as last_event_at, min(p.opened_at) as opened_at
    from partition p join partition_cursor k on k.partition_id = p.id
    where p.channel_id = c.id
) p on true
left join lateral (
    select count(*) as gaps from partition p join gap g on g.partition_id = p.id where p.channel_id = c.id
) g on true
left join lateral (
    select sum(coalesce(h.events, 0) + coalesce(m.events, 0)) as events
    from partition p
    left join lateral (
        select sum(events) as events from partition_hour h where h.partition_id = p.id and h.hour >= $3
    ) h on true
    left join lateral (
        select sum(events) as events from partition_minute m
        where m.partition_id = p.id and m.minute >= $4 and m.minute < $3 * 60
    ) m on true
    where p.channel_id = c.id
) d on true
where c.id = any($1) and ($2::bigint is null or c.source_id = $2)
order by c.name
