-- Events and bytes of visible channels, minute by minute.
select p.channel_id, m.minute, sum(m.events)::bigint as "events!", sum(m.broker_bytes)::bigint as "broker_bytes!"
from partition_minute m join partition p on p.id = m.partition_id
where m.minute >= $2 and m.minute < $3 and p.channel_id = any($1)
group by p.channel_id, m.minute
