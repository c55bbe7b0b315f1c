-- Positions that people moved, with where they were before: what can be undone.
create table lag_reset (
    id uuid primary key,
    group_id bigint not null references consumer_group on delete cascade,
    channel text not null,
    at timestamptz not null,
    -- Kept without its name once a person is gone.
    by_id uuid references person on delete set null,
    by_name text not null,
    -- JSON: partition, from, to, why not.
    moves text not null,
    -- Set once the broker has answered.
    done boolean not null default false,
    undoes uuid references lag_reset on delete set null
);
create index lag_reset_group on lag_reset (group_id, at desc);
