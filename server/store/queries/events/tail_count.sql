-- How many events some partitions hold between two positions in one bucket: whole spans, so rows are not touched; at
-- most 10,000 spans each.
select coalesce(sum(s.events), 0)::bigint as "events!"
from unnest($2::bigint[], $3::bigint[], $4::bigint[]) as w(partition_id, after, upto)
cross join lateral (
    select events from event_span s
    where s.bucket = $1 and s.partition_id = w.partition_id and s.first_position > w.after and s.first_position <= w.upto
    limit 10000
) s
