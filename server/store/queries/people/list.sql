-- People as administrators see them: one, or those whose names hold a text. Invited ones first, deactivated ones last.
select p.id, p.login, p.name, p.active, p.password_hash <> '' as "has_password!", p.joined_at is not null as "joined!",
       p.made_at as "made_at: Ts", greatest(p.last_seen, (select max(s.last_seen) from session s where s.person_id = p.id)) as "last_seen: Ts", p.version, p.changed_at as "changed_at: Ts",
       c.name as "changed_by?", l.made_at as "link_made_at?: Ts", l.expires as "link_expires?: Ts", b.name as "link_by?",
       (select count(*) from session s where s.person_id = p.id and s.ended_at is null and s.expires > $4) as "sessions!",
       count(*) over () as "total!"
from person p
left join person c on c.id = p.changed_by
left join person_link l on l.person_id = p.id
left join person b on b.id = l.made_by
where ($1::uuid is null or p.id = $1)
  and ($2::text = '' or position(lower($2) in lower(p.name)) > 0 or position(lower($2) in lower(p.login)) > 0)
order by p.active desc, p.joined_at is not null, lower(p.name), p.login
limit $3
