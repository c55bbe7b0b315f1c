-- The compare-and-set, and with it all small rows of the batch: only if the cursor moved is anything written.
-- All of them belong to this one partition (decision 6).
with moved as (
    update partition_cursor set
        cursor = $2,
        next_position = coalesce($4, next_position),
        end_position = coalesce($5, end_position),
        held_since = $6,
        held_by = $7,
        from_end = false,
        error = null,
        last_event_at = greatest(last_event_at, $8),
        updated_at = $9
    where partition_id = $1 and cursor is not distinct from $3 and not closed
    returning partition_id
), listed as (
    insert into partition_bucket as b (partition_id, part, bucket, first_position, last_position, min_time, max_time,
                                       longest_us, events, raw_bytes, stored_bytes)
    select partition_id, d.part, d.bucket, d.first_position, d.last_position, $10, $8, $11, d.events, d.raw_bytes, d.stored_bytes
    from moved cross join unnest($12::text[], $13::integer[], $14::bigint[], $15::bigint[], $16::bigint[], $17::bigint[], $18::bigint[])
        as d(part, bucket, first_position, last_position, events, raw_bytes, stored_bytes)
    on conflict (partition_id, part, bucket) do update set
        first_position = least(b.first_position, excluded.first_position),
        last_position = greatest(b.last_position, excluded.last_position),
        min_time = least(b.min_time, excluded.min_time),
        max_time = greatest(b.max_time, excluded.max_time),
        longest_us = greatest(b.longest_us, excluded.longest_us),
        events = b.events + excluded.events,
        raw_bytes = b.raw_bytes + excluded.raw_bytes,
        stored_bytes = b.stored_bytes + excluded.stored_bytes
), minute as (
    insert into partition_minute as m (partition_id, minute, events, raw_bytes, stored_bytes, broker_bytes, delay)
    select partition_id, $19::integer, $21::bigint, $22::bigint, $23::bigint, $24::bigint, $25::bigint[] from moved
    on conflict (partition_id, minute) do update set
        events = m.events + excluded.events,
        raw_bytes = m.raw_bytes + excluded.raw_bytes,
        stored_bytes = m.stored_bytes + excluded.stored_bytes,
        broker_bytes = m.broker_bytes + excluded.broker_bytes,
        delay = (select array_agg(coalesce(d.a, 0) + coalesce(d.b, 0) order by d.n)
                 from unnest(m.delay, excluded.delay) with ordinality as d(a, b, n))
), hour as (
    insert into partition_hour as h (partition_id, hour, events, raw_bytes, stored_bytes, broker_bytes)
    select partition_id, $20::integer, $21::bigint, $22::bigint, $23::bigint, $24::bigint from moved
    on conflict (partition_id, hour) do update set
        events = h.events + excluded.events,
        raw_bytes = h.raw_bytes + excluded.raw_bytes,
        stored_bytes = h.stored_bytes + excluded.stored_bytes,
        broker_bytes = h.broker_bytes + excluded.broker_bytes
), gaps as (
    insert into gap (partition_id, from_position, to_position, reason, detail, found_at)
    select partition_id, g.from_position, g.to_position, g.reason, g.detail, $9
    from moved cross join unnest($26::bigint[], $27::bigint[], $28::text[], $29::text[])
        as g(from_position, to_position, reason, detail)
)
select count(*) as "moved!" from moved
