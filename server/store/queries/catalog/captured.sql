-- What was captured of a channel ($1), by steps of $4 minutes between the minutes $2 and $3: events, bytes as sent, and the
-- events of the last of those minutes.
select (m.minute - $2) / $4 as "step!", sum(m.events)::bigint as "events!", sum(m.raw_bytes)::bigint as "raw_bytes!",
       coalesce(sum(m.events) filter (where m.minute = $3 - 1), 0)::bigint as "last_minute!"
from partition p join partition_minute m on m.partition_id = p.id
where p.channel_id = $1 and m.minute >= $2 and m.minute < $3 and p.closed_reason is distinct from 'backfill'
group by 1
