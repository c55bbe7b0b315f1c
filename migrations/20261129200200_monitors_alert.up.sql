-- What somebody has to know, from when it was raised until it is over. The engine writes the first part, people the second.
create table alert (
    id uuid primary key,
    -- What its messages hang together by.
    thread uuid not null,
    kind text not null,
    rule_id text not null,
    severity text not null,
    state text not null,
    source_id bigint not null references source,
    environment_id bigint not null references environment,
    -- Names as they were, so that it can be read when they are gone.
    source_name text not null,
    environment_name text not null,
    -- Null: about the source.
    group_id bigint,
    group_name text,
    -- JSON: what is the matter, channel by channel.
    parts text not null,
    owner text,
    broker text not null,
    opened_at timestamptz not null,
    seen_at timestamptz not null,
    clear_since timestamptz,
    resolved_at timestamptz,
    told_at timestamptz,
    told_state text,
    acknowledged_at timestamptz,
    acknowledged_name text,
    snoozed_at timestamptz,
    snoozed_name text,
    snoozed_until timestamptz
);
-- Two that judge at once raise nothing twice.
create unique index alert_open on alert (kind, source_id, coalesce(group_id, 0)) where resolved_at is null;
create index alert_over on alert (resolved_at) where resolved_at is not null;
