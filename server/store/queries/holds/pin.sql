-- Holds that keep a bucket, as far as this is known without looking at an event; those that are told by the directory are
-- noted, so that the page can say what they cost.
with found as (
    select h.id from hold h
    where h.ended_at is null and h.ends_at > $3 and (
        (h.kind = 'channel' and exists (
            select from partition_bucket d join partition p on p.id = d.partition_id
            where d.part = $1 and d.bucket = $2 and p.channel_id = h.channel_id
              and (h.from_time is null or d.max_time >= h.from_time) and (h.to_time is null or d.min_time < h.to_time)))
        or (h.kind = 'events' and exists (
            select from hold_event e join partition_bucket d on d.partition_id = e.partition_id
            where e.hold_id = h.id and d.part = $1 and d.bucket = $2
              and e.position between d.first_position and d.last_position))
        or exists (select from hold_pin n where n.hold_id = h.id and n.part = $1 and n.bucket = $2))
), noted as (
    insert into hold_pin (hold_id, part, bucket) select id, $1, $2 from found on conflict do nothing
)
select id as "id!" from found
