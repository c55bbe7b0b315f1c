-- The one-time link that makes the first administrator: one row at most, its digest only.
create table setup_token (
    one_row boolean primary key default true check (one_row),
    token_hash bytea not null check (octet_length(token_hash) = 32),
    expires timestamptz not null
);
