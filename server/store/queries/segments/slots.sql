-- Where some slots of segments begin and end: two numbers of four bytes.
select w.n as "n!", substring(s.slots from w.at for 8) as "bounds!"
from unnest($2::integer[], $3::integer[], $4::integer[]) with ordinality as w(bucket, segment, at, n)
join segment s on s.kind = $1 and s.bucket = w.bucket and s.segment = w.segment
