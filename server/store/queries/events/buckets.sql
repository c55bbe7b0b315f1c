-- Buckets in which visible partitions have events of a range of times.
select distinct bucket
from partition_bucket
where part = $4 and partition_id = any($1) and min_time <= $2 and max_time >= $3
