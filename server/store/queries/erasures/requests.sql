-- Requests for erasures, newest first; or one.
select id, kind, state, channels, reason, asked_by, asked_name, asked_at as "asked_at: Ts", ends_at as "ends_at: Ts",
       decided_name, decided_at as "decided_at: Ts", word, ended_at as "ended_at: Ts", erased, left_held, unreadable, searches
from erasure
where $1::uuid is null or id = $1
order by asked_at desc, id desc
limit $2
