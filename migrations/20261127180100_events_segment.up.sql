-- Which spans of a bucket hold which keys and types, and which blocks hold which words: hashes cut short, sorted, each with
-- the number of the span among those of its segment. An engine writes them; what is in none yet is looked into.
create table key_segment (
    bucket integer not null,
    segment integer not null,
    -- Sort times of its spans.
    min_time timestamptz not null,
    max_time timestamptz not null,
    spans integer not null,
    events bigint not null,
    -- Lengths in bits: of a hash, of the part of it that tells the slot, of a span's number.
    hash_bits smallint not null,
    slot_bits smallint not null,
    span_bits smallint not null,
    -- Partition and first position of each span.
    places bytea not null,
    -- Where each slot begins in `entries`, and where the last one ends.
    slots bytea not null,
    entries bytea not null,
    primary key (bucket, segment)
) partition by list (bucket);
alter table key_segment alter column places set storage external, alter column slots set storage external,
    alter column entries set storage external;
create table word_segment (like key_segment including all) partition by list (bucket);

-- The segment a span or block is in.
alter table event_span add column keys_in integer;
alter table block add column words_in integer;
create index event_span_open on event_span (partition_id, first_position) where keys_in is null;
create index block_open on block (partition_id, first_position) where words_in is null;

do $$
declare
    b record;
    parent text;
begin
    for b in select part, id from bucket where detached_at is null loop
        parent := case b.part when 'metadata' then 'key_segment' else 'word_segment' end;
        execute format('create table %1$s_b%2$s (like %1$s including all, check (bucket = %2$s))', parent, b.id);
        execute format('alter table %1$s attach partition %1$s_b%2$s for values in (%2$s)', parent, b.id);
    end loop;
end $$;

-- Both kinds in one, so that a question is written once.
create view segment as
    select 'keys' as kind, * from key_segment
    union all select 'words', * from word_segment;
