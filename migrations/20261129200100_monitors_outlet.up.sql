-- Somewhere that alerts are sent to. What it is reached with lies sealed beside it.
create table outlet (
    id uuid primary key,
    name text not null unique check (char_length(name) between 1 and 60),
    kind text not null,
    is_on boolean not null,
    -- JSON: what may be shown of it, and which alerts it takes.
    settings text not null,
    takes text not null,
    version bigint not null default 1,
    made_at timestamptz not null,
    made_by uuid references person on delete set null,
    changed_at timestamptz not null,
    changed_by uuid references person on delete set null
);
create table outlet_secret (
    outlet_id uuid not null references outlet on delete cascade,
    field text not null,
    key_id text not null,
    -- Nonce, ciphertext and tag, bound to outlet and field.
    sealed bytea not null,
    primary key (outlet_id, field)
);
