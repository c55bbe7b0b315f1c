-- The partitions of the growing tables (decision 3): id = retention class * 10^8 + number of the capture period.
-- `part` says which tables: 'metadata' event and event_span, 'payload' block.
create table bucket (
    part text not null check (part in ('metadata', 'payload')),
    id integer not null,
    class_days smallint not null,
    from_time timestamptz not null,
    to_time timestamptz not null,
    made_at timestamptz not null default now(),
    -- Being removed: out of the pages, its tables not yet dropped.
    detached_at timestamptz,
    primary key (part, id)
);
