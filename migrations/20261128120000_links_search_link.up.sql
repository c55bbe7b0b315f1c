-- Short links to searches. One address has one link, whoever made it; it gives no right.
create table search_link (
    id text primary key check (char_length(id) = 12),
    address text not null check (octet_length(address) <= 8192),
    -- Of the address: an index on addresses themselves would be larger than they are.
    digest bytea not null unique,
    made_by uuid references person on delete set null,
    made_at timestamptz not null,
    -- It lasts until nobody has opened it for long. Moved at most once a day.
    opened_at timestamptz not null
);
create index search_link_made_by on search_link (made_by);
create index search_link_opened on search_link (opened_at);
