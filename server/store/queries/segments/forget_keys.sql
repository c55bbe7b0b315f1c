-- Removes the segments of keys that some spans are in, and opens all spans of those.
with hit as (
    select distinct s.bucket, s.keys_in as segment
    from unnest($1::bigint[], $2::bigint[]) as w(partition_id, first_position)
    join event_span s on s.partition_id = w.partition_id and s.first_position = w.first_position
    where s.keys_in is not null
), gone as (
    delete from key_segment k using hit h where k.bucket = h.bucket and k.segment = h.segment
)
update event_span s set keys_in = null from hit h where s.bucket = h.bucket and s.keys_in = h.segment
