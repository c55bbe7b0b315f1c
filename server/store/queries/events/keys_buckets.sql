-- Buckets in which visible partitions have events of a range of times, those captured last first, and how many they have.
select d.bucket as "bucket!", b.to_time as "to_time!: Ts", sum(d.events)::bigint as "events!"
from partition_bucket d
join bucket b on b.part = 'metadata' and b.id = d.bucket and b.detached_at is null
where d.part = 'metadata' and d.partition_id = any($1) and d.min_time <= $2 and d.max_time >= $3
group by d.bucket, b.to_time
order by b.to_time desc, d.bucket desc
