-- Open partitions that are to be read, of which the broker has more than was read. Those that no policy wants stay open, and
-- have no lease.
select c.source_id, k.partition_id, k.next_position as "next!", k.end_position as "end!"
from partition_cursor k join partition p on p.id = k.partition_id join channel c on c.id = p.channel_id
join partition_lease l on l.partition_id = p.id
where not k.closed and p.closed_at is null and k.end_position > k.next_position
order by c.source_id, k.partition_id
