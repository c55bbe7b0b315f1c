-- Stretches of the entries of segments.
select w.n as "n!", substring(s.entries from w.at for w.long) as "entries!"
from unnest($2::integer[], $3::integer[], $4::integer[], $5::integer[]) with ordinality as w(bucket, segment, at, long, n)
join segment s on s.kind = $1 and s.bucket = w.bucket and s.segment = w.segment
