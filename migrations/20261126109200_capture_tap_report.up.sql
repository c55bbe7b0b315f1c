-- What each process last said of a source. The source's own row holds what they come to together.
create table tap_report (
    source_id bigint not null references source on delete cascade,
    holder text not null,
    state text not null,
    reason text,
    -- By the process's own clock, which orders what it says; and by the database's, which tells how old that is.
    reported_at timestamptz not null,
    said_at timestamptz not null,
    retry_at timestamptz,
    bytes_to_read bigint,
    throttled_ms integer not null default 0,
    primary key (source_id, holder)
) with (fillfactor = 50); -- one update in place every two seconds
