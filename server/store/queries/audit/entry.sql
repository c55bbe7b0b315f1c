-- One entry by its number.
select id, at as "at: Ts", person_id, login, via, token_id, remote, request_id, use_case, outcome, reason,
       object_kind, object_id, object_name, source_id, channel_id,
       shape::text as shape, before::text as before, after::text as after, count, keys
from audit_entry
where id = $1
