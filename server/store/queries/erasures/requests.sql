-- Requests for erasures, newest first; or one. Of those that tombstones began, the last few: there may be any number.
select id, kind, state, channels, reason, asked_by, asked_name, asked_at as "asked_at: Ts", ends_at as "ends_at: Ts",
       decided_name, decided_at as "decided_at: Ts", word, ended_at as "ended_at: Ts", erased, left_held, unreadable, searches
from erasure
where id = $1 or $1::uuid is null and (
    by_tombstones is null or id = any(array(
        select t.id from erasure t where t.by_tombstones is not null order by t.asked_at desc limit 20)))
order by asked_at desc, id desc
limit $2
