-- The next units of a partition: spans and blocks with the same first position, either may be gone. Spans and blocks are
-- both taken up to the limit, so that nothing before the last unit is missing.
select u.first_position as "first!", max(u.span) as span, max(u.block) as block
from (
    (select s.first_position, s.bucket as span, null::integer as block from event_span s
     where s.partition_id = $1 and s.first_position > $2
       and s.bucket = any(array(
           select d.bucket from partition_bucket d where d.partition_id = $1 and d.part = 'metadata' and d.last_position > $2))
     order by s.first_position limit $3)
    union all
    (select b.first_position, null, b.bucket from block b
     where b.partition_id = $1 and b.first_position > $2
       and b.bucket = any(array(
           select d.bucket from partition_bucket d where d.partition_id = $1 and d.part = 'payload' and d.last_position > $2))
     order by b.first_position limit $3)
) u
group by u.first_position
order by u.first_position
limit $3
