-- Channels with their policies, what they take, and what came in over the last hours; `$4` are the buckets of payloads that
-- a hold keeps.
select c.id, c.name, c.source_id, s.name as source_name, s.kind, s.capture as ceiling,
       c.policy, c.sampled_per_mille, c.payload_class, c.metadata_class, c.payload_limit,
       c.budget_turn, c.withheld_at as "withheld_at?: Ts", c.erase_on_tombstone, c.tombstones_by,
       c.tombstones_since as "tombstones_since?: Ts",
       c.policy_changed_at as "changed_at?: Ts", who.name as "changed_by?",
       coalesce(d.payload, 0)::bigint as "payload!", coalesce(d.held, 0)::bigint as "held!", coalesce(d.events, 0)::bigint as "events!",
       o.opened_at as "opened_at?: Ts", coalesce(h.events, 0)::bigint as "lately!", coalesce(h.stored, 0)::bigint as "written!"
from channel c join source s on s.id = c.source_id
left join person who on who.id = c.policy_changed_by
left join lateral (
    select sum(b.stored_bytes) filter (where b.part = 'payload') as payload,
           sum(b.stored_bytes) filter (where b.part = 'payload' and b.bucket = any($4::integer[])) as held,
           sum(b.events) filter (where b.part = 'metadata') as events
    from partition p join partition_bucket b on b.partition_id = p.id where p.channel_id = c.id
) d on true
left join lateral (
    select sum(f.events) as events, sum(f.stored_bytes) as stored
    from partition p join partition_hour f on f.partition_id = p.id and f.hour > $3 where p.channel_id = c.id
) h on true
left join lateral (select min(opened_at) as opened_at from partition where channel_id = c.id) o on true
where c.id = any($1) and ($2::bigint is null or c.source_id = $2)
