-- The directory's row of blocks that were filled.
insert into partition_bucket as b (partition_id, part, bucket, first_position, last_position, min_time, max_time, longest_us,
                                   events, raw_bytes, stored_bytes)
values ($1, 'payload', $2, $3, $4, $5, $6, $7, $8, $9, $10)
on conflict (partition_id, part, bucket) do update set
    first_position = least(b.first_position, excluded.first_position),
    last_position = greatest(b.last_position, excluded.last_position),
    min_time = least(b.min_time, excluded.min_time),
    max_time = greatest(b.max_time, excluded.max_time),
    longest_us = greatest(b.longest_us, excluded.longest_us),
    events = b.events + excluded.events,
    raw_bytes = b.raw_bytes + excluded.raw_bytes,
    stored_bytes = b.stored_bytes + excluded.stored_bytes
