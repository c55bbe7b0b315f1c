-- One row: how often judging wrote something (who writes on top of another revision writes nothing), and the address that
-- is called every minute, sealed.
create table monitor_state (
    one boolean primary key default true check (one),
    revision bigint not null default 0,
    heartbeat_shown text,
    heartbeat_key_id text,
    heartbeat_sealed bytea,
    heartbeat_at timestamptz,
    heartbeat_error text
);
insert into monitor_state default values;
