-- Events of visible partitions by the bins that the first and the last of their span are in: few rows, however many spans.
-- Of a span that reaches out of the stretch, as many as its share of time within.
select date_bin(make_interval(secs => $5::float8), greatest(s.min_time, $3::timestamptz), $6::timestamptz) as "first!: Ts",
       date_bin(make_interval(secs => $5::float8), least(s.max_time, $4::timestamptz), $6::timestamptz) as "last!: Ts",
       sum(case
           when s.min_time >= $3 and s.max_time <= $4 then s.events
           else ceil(s.events * extract(epoch from least(s.max_time, $4) - greatest(s.min_time, $3))
                     / greatest(extract(epoch from s.max_time - s.min_time), 0.000001))
       end)::bigint as "events!"
from partition_bucket d
join event_span s on s.bucket = d.bucket and s.partition_id = d.partition_id
where d.part = 'metadata' and d.partition_id = any($1) and d.bucket = any($2) and d.min_time <= $4 and d.max_time >= $3
  and s.min_time <= $4 and s.max_time >= $3
group by 1, 2
