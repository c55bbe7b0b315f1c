-- Incarnations of some channels: those that are open, then those closed last; and how many there are in all. Without
-- those that only hold what was filled.
select p.id, p.channel_id, p.number, p.closed_reason, k.next_position, k.start_position, k.end_position,
       k.held_since as "held_since: Ts", k.held_by, k.error, k.updated_at as "updated_at: Ts",
       count(*) over () as "all!"
from partition p join partition_cursor k on k.partition_id = p.id
where p.channel_id = any($1) and p.closed_reason is distinct from 'backfill'
order by (p.closed_at is null) desc, p.closed_at desc, p.number
limit 5000
