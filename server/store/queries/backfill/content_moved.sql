-- One partition is looked at up to `$3`, if it was up to `$2` and the job that was read (`$4`) goes on; with what may stand in
-- the way of it.
with moved as (
    update content_fill_partition d set done = $3
    from content_fill f
    where d.partition_id = $1 and d.done = $2 and not d.over and f.channel_id = d.channel_id and f.state = 'running'
      and f.asked_at = $4
    returning d.channel_id
)
select c.policy = 'off' as "off!", c.withheld_at is not null as "over_budget!", c.erase_on_tombstone as "erases!",
       s.capture <> 'full' as "lowered!", s.paused or s.orphan as "still!", c.payload_class as "payload_class!",
       exists (
           select from erasure e where e.state = 'running' and (e.channels is null or c.id = any(e.channels))
       ) as "erasing!",
       -- By tombstones only where the policy says so, which stands in its way already.
       exists (
           select from erasure e where e.state in ('running', 'cleaning', 'done') and e.decided_at > $4
             and (e.channels is null or c.id = any(e.channels))
       ) as "erased_since!",
       coalesce(c.payload_limit <= (
           select sum(d.stored_bytes) from partition p join partition_bucket d on d.partition_id = p.id and d.part = 'payload'
           where p.channel_id = c.id
       ), false) as "above_limit!",
       exists (select from capture_budget b where b.fill = 'full') as "full!"
from moved m join channel c on c.id = m.channel_id join source s on s.id = c.source_id
