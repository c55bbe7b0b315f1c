-- Consumer groups of all sources, as their brokers tell them.
create table consumer_group (
    id bigint generated always as identity primary key,
    source_id bigint not null references source,
    name text not null,
    kind text not null,
    state text not null default 'unknown',
    assignor text,
    coordinator text,
    -- JSON: who is in it (null: not told), and who was last, with when they were seen.
    members text,
    last_members text not null default '[]',
    problem text,
    first_seen timestamptz not null,
    last_seen timestamptz not null,
    -- The broker does not list it any more.
    gone_at timestamptz,
    empty_since timestamptz,
    last_progress timestamptz,
    -- Hours in which it read, a bit each (22 days), and the hour of the last bit.
    activity bytea not null default '',
    activity_hour bigint not null default 0,
    -- JSON: what may be expected of it, by what it did, and what a person said instead.
    learnt text,
    expectation text,
    owner text,
    note text,
    archived_at timestamptz,
    archived_by text,
    unique (source_id, name)
) with (fillfactor = 70);

-- A group on a channel. Groups read channels that are not captured, hence by name.
create table group_channel (
    id bigint generated always as identity primary key,
    group_id bigint not null references consumer_group on delete cascade,
    channel text not null,
    -- JSON: how it stands, and its partitions. Written with what changed, read whole.
    standing text,
    partitions text,
    spark text not null default '[]',
    -- What its forecast has learnt.
    learnt text,
    observed_at timestamptz,
    unique (group_id, channel)
) with (fillfactor = 50);

-- Every observation of the last hours, some minutes a row.
create table lag_observed (
    pair_id bigint not null references group_channel on delete cascade,
    began_at timestamptz not null,
    until timestamptz not null,
    packed bytea not null,
    primary key (pair_id, began_at)
);
create index lag_observed_until on lag_observed using brin (until) with (pages_per_range = 8);

-- Five-minute points for months, an hour a row.
create table lag_rolled (
    pair_id bigint not null references group_channel on delete cascade,
    began_at timestamptz not null,
    until timestamptz not null,
    packed bytea not null,
    primary key (pair_id, began_at)
);
create index lag_rolled_until on lag_rolled using brin (until) with (pages_per_range = 8);

create table lag_happened (
    id bigint generated always as identity primary key,
    group_id bigint not null references consumer_group on delete cascade,
    channel text,
    partition integer,
    at timestamptz not null,
    kind text not null,
    text text not null
);
create index lag_happened_group on lag_happened (group_id, at);

-- Channels as observing sees them, be they captured or not.
create table lag_channel (
    source_id bigint not null references source,
    name text not null,
    seen text not null,
    observed_at timestamptz not null,
    primary key (source_id, name)
) with (fillfactor = 50);

-- How the last observation of a source went.
create table lag_source (
    source_id bigint primary key references source,
    observed_at timestamptz,
    took_ms integer not null default 0,
    requests integer not null default 0,
    problems text not null default '[]',
    failed text,
    failed_at timestamptz
) with (fillfactor = 50);
