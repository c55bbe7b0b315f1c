-- The engine's part of an alert; what people did to it stays.
update alert set thread = $2, rule_id = $3, severity = $4, state = $5, parts = $6, owner = $7, broker = $8, seen_at = $9,
                 clear_since = $10, resolved_at = $11, told_at = $12, told_state = $13
where id = $1 and resolved_at is null
