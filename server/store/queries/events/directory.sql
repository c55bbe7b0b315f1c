-- Where visible partitions have events in a range of times, those that end latest first.
select partition_id, bucket, max_time as "max_time: Ts", longest_us
from partition_bucket
where part = 'metadata' and partition_id = any($1) and min_time <= $2 and max_time >= $3
order by max_time desc
limit $4
