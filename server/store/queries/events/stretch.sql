-- What visible partitions hold in a range of times, by the directory: from when to when, and about how many.
select min(min_time) as "oldest: Ts", max(max_time) as "newest: Ts", coalesce(sum(events), 0)::bigint as "events!"
from partition_bucket
where part = 'metadata' and partition_id = any($1)
  and ($2::timestamptz is null or max_time >= $2) and ($3::timestamptz is null or min_time < $3)
