-- Personal tokens: a program comes as its person, with some of their roles. Only digests of the tokens: what is read
-- here opens nothing. Made by people, so UUIDv7 (decision 7).
create table api_token (
    id uuid primary key,
    person_id uuid not null references person on delete cascade,
    name text not null,
    token_hash bytea not null unique check (octet_length(token_hash) = 32),
    -- As chosen when it was made. What it may is what its person has of them when it is used.
    roles text[] not null,
    made_at timestamptz not null,
    expires timestamptz not null,
    -- To the minute; null: never.
    last_used timestamptz,
    revoked_at timestamptz,
    constraint api_token_ends check (expires > made_at and expires <= made_at + interval '366 days')
);
-- One person tells their tokens apart by name.
create unique index api_token_name on api_token (person_id, name) where revoked_at is null;
