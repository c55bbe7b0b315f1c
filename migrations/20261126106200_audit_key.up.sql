-- Which keys an entry showed or searched for, by the hash that event rows keep of them: "who saw this key" is one look-up.
create table audit_key (
    at timestamptz not null,
    key_hash bigint not null,
    entry_id bigint not null
) partition by range (at);
-- As for event_key: a b-tree costs each view of 200 keys some 4 ms of random pages, and GIN with its pending list now and
-- then seconds; this one costs 0.2 ms, and a question reads its few pages per month.
create index audit_key_hash on audit_key using brin (key_hash int8_bloom_ops (n_distinct_per_range = 2600, false_positive_rate = 0.01))
    with (pages_per_range = 16, autosummarize = on);
