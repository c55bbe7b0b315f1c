-- For each place ($2 channel, $3 number, $4 position, of source $1): how far its partition is captured, the span that holds
-- the position or the first behind it, the latest time before that span, whether a gap lies between, and whether the last event of all stands right before it.
select w.n as "n!", p.id as "partition_id?", u.next_position as "next_position?", s.first_position as "first_position?",
       s.captured_at as "captured_at?: Ts", s.rows as "rows?",
       before.latest as "latest_before?: Ts", gap.from_position as "gap_from?", gap.to_position as "gap_to?",
       s.first_position is null and exists (
           select from partition_bucket d
           where d.partition_id = p.id and d.part = 'metadata' and d.last_position = w.position - 1
       ) as "is_last!"
from unnest($2::text[], $3::integer[], $4::bigint[]) with ordinality as w(channel, number, position, n)
left join channel c on c.source_id = $1 and c.name = w.channel
left join partition p on p.channel_id = c.id and p.number = w.number and p.closed_at is null
left join partition_cursor u on u.partition_id = p.id
left join lateral (
    select s.first_position, s.captured_at, s.rows
    from (
        select d.bucket from partition_bucket d
        where d.partition_id = p.id and d.part = 'metadata' and d.last_position >= w.position
        order by d.last_position limit 1
    ) d
    cross join lateral (
        (select s.first_position, s.captured_at, s.rows, case when s.last_position >= w.position then 0 else 2 end as behind
         from event_span s
         where s.bucket = d.bucket and s.partition_id = p.id and s.first_position <= w.position
         order by s.first_position desc limit 1)
        union all
        (select s.first_position, s.captured_at, s.rows, 1
         from event_span s
         where s.bucket = d.bucket and s.partition_id = p.id and s.first_position > w.position
         order by s.first_position limit 1)
        order by behind limit 1
    ) s
    where w.position < u.next_position and s.behind < 2
) s on true
left join lateral (
    select max(b.max_time) as latest
    from (
        select d.bucket from partition_bucket d
        where d.partition_id = p.id and d.part = 'metadata' and d.first_position < s.first_position
        order by d.first_position desc limit 1
    ) d
    cross join lateral (
        select b.max_time from event_span b
        where b.bucket = d.bucket and b.partition_id = p.id and b.first_position < s.first_position
        order by b.first_position desc limit 8
    ) b
) before on true
left join lateral (
    select g.from_position, g.to_position from gap g
    where g.partition_id = p.id and g.from_position <= coalesce(s.first_position + 1000000, u.next_position)
      and (g.to_position is null or g.to_position > w.position)
    order by g.from_position limit 1
) gap on true
order by w.n
