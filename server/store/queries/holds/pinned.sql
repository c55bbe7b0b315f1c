-- Buckets that holds keep, as far as this is known without looking at an event: told by the directory, or found before.
select d.bucket as "bucket!" from hold h
join partition p on p.channel_id = h.channel_id
join partition_bucket d on d.partition_id = p.id and d.part = $1
    and (h.from_time is null or d.max_time >= h.from_time) and (h.to_time is null or d.min_time < h.to_time)
where h.kind = 'channel' and h.ended_at is null and h.ends_at > $2
union
select d.bucket from hold h
join hold_event e on e.hold_id = h.id
join partition_bucket d on d.partition_id = e.partition_id and d.part = $1
    and e.position between d.first_position and d.last_position
where h.kind = 'events' and h.ended_at is null and h.ends_at > $2
union
select n.bucket from hold h join hold_pin n on n.hold_id = h.id and n.part = $1
where h.ended_at is null and h.ends_at > $2
