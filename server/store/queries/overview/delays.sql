-- Events by class of tap delay over some minutes, all visible channels together.
select d.class as "class!", sum(d.events)::bigint as "events!"
from partition_minute m join partition p on p.id = m.partition_id
cross join lateral unnest(m.delay) with ordinality as d(events, class)
where m.minute >= $2 and m.minute < $3 and p.channel_id = any($1)
group by d.class
