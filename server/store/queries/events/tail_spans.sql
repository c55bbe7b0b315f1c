-- The newest spans of some partitions in one bucket that reach between two positions.
select w.n as "n!", s.first_position as "first_position!", s.events as "events!"
from unnest($2::bigint[], $3::bigint[], $4::bigint[]) with ordinality as w(partition_id, after, upto, n)
cross join lateral (
    select first_position, events from event_span s
    where s.bucket = $1 and s.partition_id = w.partition_id and s.first_position <= w.upto and s.last_position > w.after
    order by s.first_position desc
    limit $5
) s
