-- The engine's part of an alert; what people did to it stays.
update alert set rule_id = $2, severity = $3, state = $4, parts = $5, owner = $6, broker = $7, seen_at = $8,
                 clear_since = $9, resolved_at = $10, told_at = $11, told_state = $12
where id = $1 and resolved_at is null
