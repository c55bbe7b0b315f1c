-- Which spans some segments are of.
select w.n as "n!", s.places as "places!"
from unnest($2::integer[], $3::integer[]) with ordinality as w(bucket, segment, n)
join segment s on s.kind = $1 and s.bucket = w.bucket and s.segment = w.segment
