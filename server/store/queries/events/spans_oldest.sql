-- The next spans of each of some partitions in one bucket, those that end first.
select w.n as "n!", s.first_position as "first_position!",
       s.max_time as "max_time!: Ts", s.events as "events!",
       case when $9 then s.zones end as zones
from unnest($2::bigint[], $3::timestamptz[], $4::bigint[], $5::timestamptz[]) with ordinality
     as w(partition_id, after, after_first, last, n)
cross join lateral (
    select * from event_span s
    where s.bucket = $1 and s.partition_id = w.partition_id
      and (s.max_time, s.first_position) > (w.after, w.after_first) and s.max_time <= w.last
      and s.min_time <= $6 and s.max_time >= $7
    order by s.max_time, s.first_position
    limit $8
) s
