-- One partition is looked at up to `$3`, if it was up to `$2` and its job goes on; with what may stand in the way of it.
with moved as (
    update content_fill_partition d set done = $3
    from content_fill f
    where d.partition_id = $1 and d.done = $2 and not d.over and f.channel_id = d.channel_id and f.state = 'running'
    returning d.channel_id
)
select c.policy = 'off' as "off!", c.withheld_at is not null as "over_budget!", c.erase_on_tombstone as "erases!",
       c.payload_class as "payload_class!",
       exists (
           select from erasure e where e.state = 'running' and (e.channels is null or c.id = any(e.channels))
       ) as "erasing!"
from moved m join channel c on c.id = m.channel_id
