-- One-time links by which a person chooses a password: one a person at most, its digest only.
create table person_link (
    person_id uuid primary key references person on delete cascade,
    token_hash bytea not null unique check (octet_length(token_hash) = 32),
    made_at timestamptz not null,
    -- null: made on the server's command line, or by somebody who is gone.
    made_by uuid references person on delete set null,
    expires timestamptz not null
);
