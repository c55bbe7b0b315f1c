-- Positions of applications that keep them elsewhere and report them.
create table lag_reported (
    source_id bigint not null references source,
    name text not null,
    application text not null,
    -- From where it was reported.
    host text not null,
    reported_at timestamptz not null,
    -- JSON: channel, partition, next position to be read.
    positions text not null,
    primary key (source_id, name)
) with (fillfactor = 50);
