-- Some spans, as far as they hold something of a range of times; the directory says in which bucket each can be.
select s.bucket as "bucket!", s.partition_id as "partition_id!", s.first_position as "first_position!", s.events as "events!",
       s.min_time as "min_time!: Ts", s.max_time as "max_time!: Ts",
       case when $5 then s.zones end as zones
from unnest($1::bigint[], $2::bigint[]) as w(partition_id, first_position)
join partition_bucket d on d.partition_id = w.partition_id and d.part = 'metadata'
                       and w.first_position between d.first_position and d.last_position
join event_span s on s.bucket = d.bucket and s.partition_id = w.partition_id and s.first_position = w.first_position
where s.min_time <= $3 and s.max_time >= $4
