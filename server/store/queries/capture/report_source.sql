-- A tap that did not look for channels knows of none left out. Clocks of several processes differ: the newest counts.
update source set
    since = case when state is distinct from $2 or since is null then $4 else since end,
    state = $2,
    reason = $3,
    reported_at = greatest(reported_at, $4),
    retry_at = $5,
    left_out = coalesce($6::text[], left_out),
    left_out_total = case when $6::text[] is null then left_out_total else $7 end,
    bytes_to_read = $8,
    throttled_ms = $9,
    taps = $10
where id = $1
