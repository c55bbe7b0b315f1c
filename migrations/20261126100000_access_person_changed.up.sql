-- Who is changed by others: a form carries `version` along, and who comes second is told who was first, and when.
alter table person
    add column version bigint not null default 1,
    add column changed_at timestamptz,
    -- null: nobody yet, or somebody who rules the server.
    add column changed_by uuid references person on delete set null,
    -- When the person first chose a password; null with an empty `password_hash`: invited and not come yet. An empty
    -- hash with a time: an administrator took the password back.
    add column joined_at timestamptz,
    add column last_seen timestamptz;
update person set joined_at = made_at where password_hash <> '';
update person p set last_seen = s.at
from (select person_id, max(last_seen) as at from session group by person_id) s where s.person_id = p.id;
