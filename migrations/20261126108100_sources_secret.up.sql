-- Credentials of sources made in the browser, sealed with a key that is not in this database (AES-256-GCM). What is
-- sealed is bound to its source and field: moved to another row it can't be opened.
create table source_secret (
    source_id bigint not null references source_made on delete cascade,
    field text not null,
    key_id text not null,
    -- Nonce, ciphertext, tag.
    sealed bytea not null,
    primary key (source_id, field)
);
