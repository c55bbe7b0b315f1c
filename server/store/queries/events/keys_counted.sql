-- Of each of some hashes in some pages of one bucket: how many events have it, and which of them is the newest (time in µs,
-- partition, position). `+ 0` as in `by_key.sql`.
select e.key_hash as "hash!", count(*) as "events!",
       max(array[(extract(epoch from e.sort_time) * 1000000)::bigint, e.partition_id, e.position]) as "newest!"
from event e
where e.key_hash = any($1) and e.partition_id + 0 = any($2) and e.bucket = $3
  and e.sort_time >= $4 and e.sort_time < $5 and ($6::integer[] is null or e.type_id = any($6))
  and e.ctid >= $7::text::tid and e.ctid < $8::text::tid
group by e.key_hash
