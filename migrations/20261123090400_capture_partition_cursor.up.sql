-- Where capture stands in a partition. `cursor` moves by compare-and-set in the transaction that stores the events.
create table partition_cursor (
    partition_id bigint primary key references partition,
    -- Bytes of the connector, compared by equality and never parsed here; null until the first append.
    cursor bytea,
    -- Without a cursor: read from the log's start instead of as configured.
    from_log_start boolean not null default false,
    -- Set when its incarnation is closed, in the same row as the cursor, so that a late append can't miss it.
    closed boolean not null default false,
    -- The cursor in the broker's terms, for pages.
    next_position bigint,
    start_position bigint,
    end_position bigint,
    held_since timestamptz,
    held_by text,
    error text,
    last_event_at timestamptz,
    updated_at timestamptz
) with (fillfactor = 50); -- updated with every batch and never indexed otherwise: each update finds room in its page
