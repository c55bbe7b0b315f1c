-- Gaps of visible channels, newest first.
select g.id, p.channel_id, c.name as channel_name, p.number, g.from_position, g.to_position, g.reason, g.detail,
       g.found_at as "found_at: Ts"
from gap g join partition p on p.id = g.partition_id join channel c on c.id = p.channel_id
where p.channel_id = any($1) and ($2::bigint is null or c.source_id = $2)
order by g.found_at desc, g.id desc
limit $3
