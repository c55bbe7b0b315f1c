-- Nothing of what is there already: another process may have judged the same. The thread is for programs of before, which
-- had one for all outlets.
insert into alert (id, thread, kind, rule_id, severity, state, source_id, environment_id, source_name, environment_name,
                   group_id, group_name, parts, owner, broker, opened_at, seen_at, told_at, told_state)
values ($1, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
on conflict do nothing
