-- The segments of some buckets that hold something of a range of times, the latest first.
select bucket as "bucket!", segment as "segment!", spans as "spans!", hash_bits as "hash_bits!", slot_bits as "slot_bits!",
       span_bits as "span_bits!"
from segment
where kind = $1 and bucket = any($2) and min_time <= $3 and max_time >= $4
order by max_time desc, bucket desc, segment desc
