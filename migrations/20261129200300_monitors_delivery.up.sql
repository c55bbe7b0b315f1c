-- Messages on their way to outlets: queued with what they tell of, in one transaction, and tried until they arrive.
create table delivery (
    id uuid primary key,
    -- In the order they were queued.
    number bigint generated always as identity,
    outlet_id uuid references outlet on delete set null,
    outlet_name text not null,
    outlet_kind text not null,
    cause text not null,
    title text not null,
    threads uuid[] not null,
    -- JSON
    message text not null,
    state text not null default 'waiting' check (state in ('waiting', 'delivered', 'given_up')),
    attempts integer not null default 0,
    queued_at timestamptz not null,
    next_at timestamptz,
    ended_at timestamptz,
    error text
);
create index delivery_waiting on delivery (outlet_id, number) where state = 'waiting';
create index delivery_queued on delivery (queued_at);
create index delivery_outlet on delivery (outlet_id, ended_at);
create table delivery_alert (
    delivery_id uuid not null references delivery on delete cascade,
    alert_id uuid not null references alert on delete cascade,
    primary key (alert_id, delivery_id)
);
create index delivery_alert_of on delivery_alert (delivery_id);
