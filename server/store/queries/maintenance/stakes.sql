-- What each channel has at stake as the budget fills: `$1` are the buckets that a hold keeps, `$2` the first hour of the last day.
select c.id, c.name, c.source_id, c.budget_turn, c.withheld_at is not null as "withheld!", c.policy, c.sampled_per_mille,
       s.capture as ceiling, coalesce(d.payload, 0)::bigint as "payload!", coalesce(h.stored, 0)::bigint as "per_day!"
from channel c join source s on s.id = c.source_id
left join lateral (
    select sum(b.stored_bytes) as payload from partition p join partition_bucket b on b.partition_id = p.id
    where p.channel_id = c.id and b.part = 'payload' and b.bucket <> all($1::integer[])
) d on true
left join lateral (
    select sum(f.stored_bytes) as stored from partition p join partition_hour f on f.partition_id = p.id and f.hour > $2
    where p.channel_id = c.id
) h on true
