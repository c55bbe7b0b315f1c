-- Requests for access: those that wait, oldest first, or one person's own, newest first.
select r.id, r.person_id, p.name, p.login, r.role, r.permission, r.path, r.reason, r.made_at as "made_at: Ts",
       r.answered_at as "answered_at: Ts", r.granted, r.word, b.name as "answered_by?"
from access_request r
join person p on p.id = r.person_id
left join person b on b.id = r.answered_by
where case when $1::uuid is null then r.answered_at is null and p.active else r.person_id = $1 end
order by case when $1::uuid is null then r.made_at end, r.made_at desc, r.id
limit $2
