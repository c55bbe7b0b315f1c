-- Rules that differ from what comes with Weir (by the word of their kind), or were added (by a UUIDv7).
create table monitor_rule (
    id text primary key,
    kind text not null,
    source text not null,
    environment text not null,
    group_name text not null,
    severity text not null check (severity in ('page', 'notify')),
    is_on boolean not null,
    limit_min integer not null check (limit_min between 1 and 10080),
    changed_at timestamptz not null,
    changed_by uuid references person on delete set null
);
