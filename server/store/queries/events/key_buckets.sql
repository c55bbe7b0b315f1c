-- Buckets of rows that may still have their bytes, newest first: what one batch stored as rows and blocks lies in buckets
-- of the same time.
select b.id
from bucket b
where b.part = 'metadata' and b.detached_at is null and exists (
    select from partition_bucket d
    join partition_bucket y on y.partition_id = d.partition_id and y.part = 'payload'
    join bucket p on p.part = 'payload' and p.id = y.bucket
    where d.part = 'metadata' and d.bucket = b.id and d.partition_id = any($1)
      and p.from_time < b.to_time and p.to_time > b.from_time
)
order by b.to_time desc, b.id desc
