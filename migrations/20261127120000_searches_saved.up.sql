-- Searches that people keep under a name. Made by people, so UUIDv7 (decision 7).
create table saved_search (
    id uuid primary key,
    person_id uuid not null references person on delete cascade,
    name text not null check (char_length(name) between 1 and 100),
    -- The query of an address of the Events page, as that page writes it. It gives no right.
    address text not null check (octet_length(address) <= 8192),
    -- Everybody who is signed in sees it.
    shared boolean not null,
    made_at timestamptz not null,
    changed_at timestamptz not null
);
-- One person tells their searches apart by name.
create unique index saved_search_name on saved_search (person_id, name);
create index saved_search_shared on saved_search (changed_at) where shared;
