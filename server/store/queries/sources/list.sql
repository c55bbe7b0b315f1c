-- Sources of one environment or all. One is visible if a channel of it is, or if it has none that could be hidden.
select s.id, s.name, s.kind, s.environment_id, e.name as environment_name, e.production, s.description, s.capture, s.act, s.read_only,
       s.orphan, s.paused, s.wish_at as "wish_at: Ts", s.state, s.since as "since: Ts", s.reason,
       s.reported_at as "reported_at: Ts", s.retry_at as "retry_at: Ts", s.left_out, s.left_out_total, s.bytes_to_read,
       s.throttled_ms, s.taps, s.origin
from source s join environment e on e.id = s.environment_id
where ($1::bigint is null or s.environment_id = $1)
  and ($2::bigint is null or s.id = $2)
  and (exists (select from channel c where c.source_id = s.id and c.id = any($3))
       or not exists (select from channel c where c.source_id = s.id))
order by e.production desc, e.name, s.name
