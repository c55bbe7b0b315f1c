-- Open partitions that hold something, with what was captured of them in a day, by their ids from $5 on; of all sources,
-- or of one and some channels. Channels that are off are told, and left out where nobody asked for them.
select p.id as "partition!", c.id as "channel_id!", c.name as "channel!", c.source_id as "source_id!",
       s.name as "source!", s.origin as "origin!", s.capture as "capture!", s.paused or s.orphan as "still!",
       c.policy = 'off' as "channel_off!", p.number as "number!", p.incarnation as "incarnation!", d.first as "first!", u.next_position as "next!",
       coalesce(h.bytes, 0)::bigint as "captured!",
       (case when v.day_from > $1::timestamptz - interval '1 day' then v.day_bytes else 0 end)::bigint as day_bytes,
       v.verified_at as "verified_at: Ts"
from partition p
join channel c on c.id = p.channel_id
join source s on s.id = c.source_id
join partition_cursor u on u.partition_id = p.id
cross join lateral (
    select min(b.first_position) as first from partition_bucket b where b.partition_id = p.id and b.part = 'metadata'
) d
left join lateral (
    select sum(h.broker_bytes) as bytes from partition_hour h where h.partition_id = p.id and h.hour > $2
) h on true
left join partition_verified v on v.partition_id = p.id
where p.id > $5 and p.closed_at is null and d.first < u.next_position and s.capture <> 'off' and not s.orphan
  and (c.source_id = $3 or ($3::bigint is null and c.policy <> 'off')) and ($4::bigint[] is null or c.id = any($4))
order by p.id
limit $6
