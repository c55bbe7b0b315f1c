-- A report that was overtaken by a newer one (two taps at a hand-over) says nothing.
update source set
    since = case when state is distinct from $2 or since is null then $4 else since end,
    state = $2,
    reason = $3,
    reported_at = $4,
    retry_at = $5,
    left_out = $6,
    left_out_total = $7,
    bytes_to_read = $8,
    throttled_ms = $9
where id = $1 and (reported_at is null or reported_at <= $4)
