-- One configured connection. The first part comes from the configuration, the second from its tap, `paused` from a person.
create table source (
    id bigint generated always as identity primary key,
    environment_id bigint not null references environment,
    name text not null unique,
    kind text not null,
    description text not null,
    capture text not null,
    act text not null,
    read_only boolean not null,
    -- Gone from the configuration: stands still and keeps its events (decision 18).
    orphan boolean not null default false,
    paused boolean not null default false,
    -- When `paused` or `orphan` last changed.
    wish_at timestamptz,
    -- Set once everything found has its incarnation: which channels were included then, in the tap's own words.
    -- What appears later is read from its start.
    begun text,
    state text not null default 'starting',
    since timestamptz,
    reason text,
    reported_at timestamptz,
    retry_at timestamptz,
    left_out text[] not null default '{}',
    left_out_total integer not null default 0,
    bytes_to_read bigint,
    throttled_ms integer not null default 0
) with (fillfactor = 70); -- its tap reports every few seconds: room for updates in place
create index source_environment on source (environment_id);
