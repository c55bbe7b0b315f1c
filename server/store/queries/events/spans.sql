-- The next spans of each of some partitions in one bucket, those that end latest.
select w.n as "n!", s.first_position as "first_position!",
       s.max_time as "max_time!: Ts", s.events as "events!",
       case when $8 then s.zones end as zones
from unnest($2::bigint[], $3::timestamptz[], $4::bigint[]) with ordinality as w(partition_id, upto, before_first, n)
cross join lateral (
    select * from event_span s
    where s.bucket = $1 and s.partition_id = w.partition_id
      and (s.max_time, s.first_position) < (w.upto, w.before_first)
      and s.min_time <= $5 and s.max_time >= $6
    order by s.max_time desc, s.first_position desc
    limit $7
) s
