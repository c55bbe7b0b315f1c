-- Names of event types, interned outside the capture transaction.
create table event_type (
    id integer generated always as identity primary key,
    name text not null unique
);
-- Which types a partition has carried: nobody is told a type that only hidden channels carry.
create table partition_type (
    partition_id bigint not null,
    type_id integer not null references event_type,
    primary key (partition_id, type_id)
);
create index partition_type_type on partition_type (type_id);
