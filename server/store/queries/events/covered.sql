-- What visible partitions hold in a range of times, by the directory: whole buckets.
select coalesce(sum(events), 0)::bigint as "events!", min(min_time) as "oldest: Ts"
from partition_bucket
where part = 'metadata' and partition_id = any($1)
  and ($2::timestamptz is null or max_time >= $2) and ($3::timestamptz is null or min_time < $3)
