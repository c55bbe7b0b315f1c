-- Only digests of tokens: what is read here opens nothing.
create table session (
    token_hash bytea primary key check (octet_length(token_hash) = 32),
    person_id uuid not null references person on delete cascade,
    made_at timestamptz not null,
    expires timestamptz not null,
    last_seen timestamptz not null,
    ended_at timestamptz
);
create index session_person on session (person_id);
create index session_expires on session (expires);
