-- Open partitions of one channel by their ids, whatever is stored of them and whether or not they may be read now.
select p.id as "partition!", c.id as "channel_id!", c.name as "channel!", c.source_id as "source_id!",
       s.name as "source!", s.origin as "origin!", s.capture as "capture!", s.paused or s.orphan as "still!",
       c.policy = 'off' as "channel_off!", p.number as "number!", p.incarnation as "incarnation!",
       coalesce(d.first, u.next_position, 0) as "first!", coalesce(u.next_position, 0) as "next!"
from partition p
join channel c on c.id = p.channel_id
join source s on s.id = c.source_id
left join partition_cursor u on u.partition_id = p.id
cross join lateral (
    select min(b.first_position) as first from partition_bucket b where b.partition_id = p.id and b.part = 'metadata'
) d
where c.id = $1 and p.closed_at is null
order by p.id
limit $2
