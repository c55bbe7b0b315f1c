-- Where visible partitions have events in a range of times, those that begin first.
select partition_id, bucket, min_time as "min_time: Ts", longest_us
from partition_bucket
where part = 'metadata' and partition_id = any($1) and min_time <= $2 and max_time >= $3
order by min_time
limit $4
