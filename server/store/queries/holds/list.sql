-- Holds: those that stand, by their end, then those that ended last.
select h.id, h.name, h.kind, h.channel_id, h.from_time as "from_time: Ts", h.to_time as "to_time: Ts", h.key_hash, h.reason,
       h.made_name, h.made_at as "made_at: Ts", h.ends_at as "ends_at: Ts", h.ended_at as "ended_at: Ts", h.ended_name,
       array(select e.partition_id from hold_event e where e.hold_id = h.id order by e.partition_id, e.position) as "partitions!",
       array(select e.position from hold_event e where e.hold_id = h.id order by e.partition_id, e.position) as "positions!",
       (select count(*) from hold_pin n where n.hold_id = h.id) as "pinned!",
       (select coalesce(sum(d.stored_bytes), 0)::bigint from hold_pin n
        join partition_bucket d on d.part = n.part and d.bucket = n.bucket where n.hold_id = h.id) as "pinned_bytes!"
from hold h
order by h.ended_at is not null or h.ends_at <= now(), abs(extract(epoch from coalesce(h.ended_at, h.ends_at) - now())), h.id
limit $1
