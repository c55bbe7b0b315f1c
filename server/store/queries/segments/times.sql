-- Sort times of the spans that some blocks are of; none where their rows are gone.
select min(s.min_time) as "first: Ts", max(s.max_time) as "last: Ts", coalesce(sum(s.events), 0)::bigint as "events!"
from unnest($1::bigint[], $2::bigint[]) as w(partition_id, first_position)
join partition_bucket d on d.partition_id = w.partition_id and d.part = 'metadata'
                       and w.first_position between d.first_position and d.last_position
join event_span s on s.bucket = d.bucket and s.partition_id = w.partition_id and s.first_position = w.first_position
