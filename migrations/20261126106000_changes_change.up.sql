-- What changed, append-only: one feed that every slice writes to.
create table change (
    id bigint generated always as identity primary key,
    -- When it happened, as far as is known; else when it was found.
    at timestamptz not null,
    kind text not null,
    -- Where it holds. Null: beyond any one.
    environment_id bigint references environment on delete cascade,
    source_id bigint references source on delete cascade,
    channel_id bigint references channel on delete cascade,
    -- An application (deployments), or whatever else it is about.
    subject text,
    title text not null check (length(title) between 1 and 300),
    detail text not null default '' check (length(detail) <= 2000),
    link text check (length(link) <= 2000),
    -- Who did or reported it, in words; null: nobody, it was observed.
    actor text,
    -- What was observed has a name of its own, so that it is written once whoever looks.
    once text unique
);
create index change_at on change (at desc, id desc);
-- What the observer saw last, to tell what changed since.
create table change_seen (
    what text primary key,
    value text not null
) with (fillfactor = 70);
-- Partitions that the observer has told of, so that late commits are not passed over.
create table change_partition (
    partition_id bigint primary key references partition on delete cascade,
    closed boolean not null default false
);
