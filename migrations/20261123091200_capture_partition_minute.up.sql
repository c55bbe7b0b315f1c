-- Figures of a partition by minute and hour of capture, written in the capture transaction. Minutes since 1970.
create table partition_minute (
    partition_id bigint not null,
    minute integer not null,
    events bigint not null,
    raw_bytes bigint not null,
    stored_bytes bigint not null,
    broker_bytes bigint not null,
    -- Events by tap delay, one number per class of delay (see the store's `delay`); of events with a time of their own.
    delay bigint[] not null,
    primary key (partition_id, minute)
) with (fillfactor = 70);
create index partition_minute_minute on partition_minute (minute);
create table partition_hour (
    partition_id bigint not null,
    hour integer not null,
    events bigint not null,
    raw_bytes bigint not null,
    stored_bytes bigint not null,
    broker_bytes bigint not null,
    primary key (partition_id, hour)
) with (fillfactor = 70);
create index partition_hour_hour on partition_hour (hour);
