-- A page of the audit log. Plans are made for the very values, so what is null costs nothing.
select id, at as "at: Ts", person_id, login, via, token_id, remote, request_id, use_case, outcome, reason,
       object_kind, object_id, object_name, source_id, channel_id,
       shape::text as shape, before::text as before, after::text as after, count, keys
from audit_entry
where ($1::bigint is null or id < $1)
  and ($2::timestamptz is null or at >= $2)
  and ($3::timestamptz is null or at < $3)
  and ($4::text is null or login = $4)
  and ($5::text is null or use_case = $5)
  and ($6::text is null or outcome = $6)
  and ($7::text is null or (object_kind = $7 and (object_id = $8 or ($7 in ('person', 'token') and object_name = $8))))
  and ($9::bigint[] is null or channel_id = any($9))
  and ($10::bigint[] is null or source_id = any($10))
  and ($11::bigint[] is null or id = any($11))
order by id desc
limit $12
