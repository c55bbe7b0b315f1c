insert into erasure_count as c (erasure_id, channel_id, events, bare, held, min_time, max_time)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict (erasure_id, channel_id) do update set
    events = c.events + excluded.events,
    bare = c.bare + excluded.bare,
    held = c.held + excluded.held,
    min_time = least(c.min_time, excluded.min_time),
    max_time = greatest(c.max_time, excluded.max_time)
