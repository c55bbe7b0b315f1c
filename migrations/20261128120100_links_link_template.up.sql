-- From values of events to other systems. Made by people, so UUIDv7 (decision 7).
create table link_template (
    id uuid primary key,
    name text not null check (char_length(name) between 1 and 60),
    field text not null check (octet_length(field) <= 512),
    channels text not null check (char_length(channels) <= 256),
    target text not null check (octet_length(target) <= 1000),
    made_at timestamptz not null
);
