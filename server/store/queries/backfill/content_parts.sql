-- Partitions whose content is being filled and that are not done, with where their channel is at its broker.
select d.channel_id as "channel_id!", d.partition_id as "partition_id!", d.done as "done!", p.number as "number!",
       p.incarnation as "incarnation!", c.name as "channel!", c.source_id as "source_id!", s.name as "source!", s.origin as "origin!",
       s.capture as "capture!", s.paused or s.orphan as "still!", c.policy = 'off' as "off!"
from content_fill f
join content_fill_partition d on d.channel_id = f.channel_id
join partition p on p.id = d.partition_id
join channel c on c.id = d.channel_id
join source s on s.id = c.source_id
where f.state = 'running' and not d.over
order by f.asked_at, d.channel_id, p.number, d.partition_id
