with told as (
    select c.partition_id, t.start_position, t.end_position, t.held_since, t.held_by, t.error
    from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::timestamptz[], $5::text[], $6::text[])
        as t(partition_id, start_position, end_position, held_since, held_by, error)
    join partition_cursor c using (partition_id)
    order by c.partition_id
    for no key update of c
)
update partition_cursor c set
    start_position = coalesce(t.start_position, c.start_position),
    end_position = coalesce(t.end_position, c.end_position),
    held_since = t.held_since,
    held_by = t.held_by,
    error = t.error,
    updated_at = $7
from told t
where c.partition_id = t.partition_id
