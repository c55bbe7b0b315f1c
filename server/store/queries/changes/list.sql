select c.id, c.at as "at: Ts", c.kind, c.environment_id, c.source_id, c.channel_id, c.subject, c.title, c.detail, c.link, c.actor
from change c
where (c.channel_id is null or c.channel_id = any($1))
  and ($2::bigint is null or c.environment_id is null or c.environment_id = $2)
  and ($3::text is null or c.kind = $3)
  and ($4::bigint is null or c.source_id = $4)
  and ($5::bigint is null or c.channel_id = $5)
  and ($6::text is null or strpos(lower(c.title || ' ' || c.detail || ' ' || coalesce(c.subject, '')), lower($6)) > 0)
  and ($7::timestamptz is null or c.at >= $7)
  and ($8::timestamptz is null or c.at < $8)
  and ($9::timestamptz is null or (c.at, c.id) < ($9, $10))
order by c.at desc, c.id desc
limit $11
