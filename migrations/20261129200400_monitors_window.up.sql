-- Times in which nobody is told of what they cover.
create table maintenance_window (
    id uuid primary key,
    source text not null,
    environment text not null,
    group_name text not null,
    from_time timestamptz not null,
    to_time timestamptz not null,
    reason text not null,
    made_name text not null,
    made_at timestamptz not null,
    check (from_time <= to_time)
);
create index maintenance_window_to on maintenance_window (to_time);
