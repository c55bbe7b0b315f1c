-- Events of visible partitions by the bins that the first and the last of their span are in: few rows, however many spans.
select date_bin(make_interval(secs => $5::float8), greatest(s.min_time, $3::timestamptz), $3) as "first!: Ts",
       date_bin(make_interval(secs => $5::float8), least(s.max_time, $4::timestamptz), $3) as "last!: Ts",
       sum(s.events)::bigint as "events!"
from partition_bucket d
join event_span s on s.bucket = d.bucket and s.partition_id = d.partition_id
where d.part = 'metadata' and d.partition_id = any($1) and d.bucket = any($2) and d.min_time <= $4 and d.max_time >= $3
  and s.min_time <= $4 and s.max_time >= $3
group by 1, 2
