-- Seams (decision 6): correlation keys and failures that capture saw, append-only, own partition only. Empty until
-- rules exist. A key mark's value is a payload value: erasure has to reach it.
create table key_mark (
    partition_id bigint not null,
    position bigint not null,
    bucket integer not null,
    rule_id bigint not null,
    key_hash bigint not null,
    value bytea not null,
    primary key (partition_id, position, rule_id, bucket)
) partition by list (bucket);
create table failure_mark (
    partition_id bigint not null,
    position bigint not null,
    bucket integer not null,
    rule_id bigint not null,
    primary key (partition_id, position, rule_id, bucket)
) partition by list (bucket);
