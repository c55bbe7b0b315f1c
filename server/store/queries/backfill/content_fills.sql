-- How the content of some channels is filled.
select f.channel_id as "channel_id!", f.from_time as "from_time!: Ts", f.to_time as "to_time!: Ts", f.state as "state!",
       f.bytes_per_s as "bytes_per_s!", f.asked_at as "asked_at!: Ts", f.changed_at as "changed_at!: Ts", f.reason, f.lacking,
       c.name as "name!", p.name as "by?", coalesce(d.events, 0)::bigint as "events!", coalesce(d.raw_bytes, 0)::bigint as "raw_bytes!",
       coalesce(d.gone, 0)::bigint as "gone!", coalesce(d.other, 0)::bigint as "other!",
       coalesce(d.unreadable, 0)::bigint as "unreadable!"
from content_fill f
join channel c on c.id = f.channel_id
left join person p on p.id = f.asked_by
left join lateral (
    select sum(events) as events, sum(raw_bytes) as raw_bytes, sum(gone) as gone, sum(other) as other, sum(unreadable) as unreadable
    from content_fill_partition d where d.channel_id = f.channel_id
) d on true
where c.source_id = $1 and c.id = any($2)
order by c.name, c.id
