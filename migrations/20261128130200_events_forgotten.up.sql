-- Rows of events that are past a retention that was made shorter: no page looks for them any more, and upkeep deletes them.
create table forgotten (
    bucket integer not null,
    partition_id bigint not null,
    primary key (bucket, partition_id)
);
