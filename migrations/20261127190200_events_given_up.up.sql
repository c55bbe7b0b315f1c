-- Payload blocks that were deleted before their bucket's time: of which positions, when, why. One row an hour and reason.
create table payload_given_up (
    partition_id bigint not null,
    -- 'limit': the channel's payloads were above its limit; 'retention': its retention was made shorter.
    reason text not null check (reason in ('limit', 'retention')),
    -- Since 1970.
    hour integer not null,
    first_position bigint not null,
    last_position bigint not null,
    bytes bigint not null,
    -- The limit in bytes, or the days.
    allowed bigint not null,
    first_at timestamptz not null,
    last_at timestamptz not null,
    primary key (partition_id, reason, hour)
);
create index payload_given_up_hour on payload_given_up (hour);
