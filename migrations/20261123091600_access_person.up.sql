-- Made by people, so UUIDv7 (decision 7).
create table person (
    id uuid primary key,
    login text not null,
    name text not null,
    -- PHC string (argon2id).
    password_hash text not null,
    active boolean not null default true,
    made_at timestamptz not null default now()
);
-- Ann and ann are one person.
create unique index person_login on person (lower(login));
create table person_role (
    person_id uuid not null references person on delete cascade,
    role text not null,
    primary key (person_id, role)
);
-- Where the person's permissions hold; null: any. Without a grant no channel is seen.
create table person_grant (
    id bigint generated always as identity primary key,
    person_id uuid not null references person on delete cascade,
    environment_id bigint references environment on delete cascade,
    source_id bigint references source on delete cascade,
    channel_pattern text not null
);
create index person_grant_person on person_grant (person_id);
