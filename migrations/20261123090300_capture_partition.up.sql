-- One partition of one channel in one incarnation: the first half of an event's identity (decision 1).
create table partition (
    id bigint generated always as identity primary key,
    channel_id bigint not null references channel,
    number integer not null,
    incarnation bytea not null,
    opened_at timestamptz not null default now(),
    closed_at timestamptz,
    closed_reason text,
    check ((closed_at is null) = (closed_reason is null))
);
create unique index partition_open on partition (channel_id, number) where closed_at is null;
create index partition_channel on partition (channel_id);
