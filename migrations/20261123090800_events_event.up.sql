-- One narrow row per event (decision 4). Uniqueness comes from the compare-and-set of the cursor. Columns go from wide
-- to narrow, so that no row holds padding. The event's own time is `broker_ms`; `sort_time` is what it is ordered by.
create table event (
    partition_id bigint not null,
    position bigint not null,
    sort_time timestamptz not null,
    captured_at timestamptz not null,
    -- First position of its span, which is its block's too.
    block_first bigint not null,
    broker_ms bigint,
    -- First 8 bytes of the key's SHA-256; null for a null key.
    key_hash bigint,
    ce_time timestamptz,
    bucket integer not null,
    type_id integer not null,
    -- Bytes of key, headers and payload as the broker gave them.
    size integer not null,
    -- Bucket of its block; null where capture withheld the bytes.
    block_bucket integer,
    -- Its place in the block.
    ordinal smallint not null,
    -- Time kind and mark, tombstone, doubt: see the store's `flags`.
    flags smallint not null,
    primary key (partition_id, position, bucket)
) partition by list (bucket);
-- Finds a key among its 32-page ranges without slowing capture: a b-tree on hashes halves it (random pages), this one
-- costs a few percent. Upkeep summarises what is new; what is not yet summarised is scanned.
create index event_key on event using brin (key_hash int8_bloom_ops (n_distinct_per_range = 2300, false_positive_rate = 0.01))
    with (pages_per_range = 32, autosummarize = on);
