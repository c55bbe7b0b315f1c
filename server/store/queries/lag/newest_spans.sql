-- The newest $3 spans of the open partition number $2 of channel $1, with their rows.
select p.id as partition_id, s.first_position, s.captured_at as "captured_at: Ts", s.rows
from partition p
cross join lateral (
    select d.bucket, d.last_position from partition_bucket d
    where d.partition_id = p.id and d.part = 'metadata'
    order by d.last_position desc limit 3
) d
cross join lateral (
    select s.first_position, s.captured_at, s.rows from event_span s
    where s.bucket = d.bucket and s.partition_id = p.id
    order by s.first_position desc limit $3
) s
where p.channel_id = $1 and p.number = $2 and p.closed_at is null
order by s.first_position desc
limit $3
