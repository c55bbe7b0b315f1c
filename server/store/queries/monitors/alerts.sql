-- Alerts of an environment or all, or one: the open ones, the worst and then the oldest first, and those over since a time,
-- newest first. Where their source belongs, and what it is called, is as of now.
select a.id, a.kind, a.rule_id, a.severity, a.state, a.source_id, s.environment_id, s.name as source_name,
       e.name as environment_name, a.group_id, a.group_name, a.parts, a.owner, a.broker, a.opened_at as "opened_at: Ts",
       a.seen_at as "seen_at: Ts", a.clear_since as "clear_since: Ts", a.resolved_at as "resolved_at: Ts",
       a.told_at as "told_at: Ts", a.told_state, a.acknowledged_at as "acknowledged_at: Ts", a.acknowledged_name,
       a.snoozed_at as "snoozed_at: Ts", a.snoozed_name, a.snoozed_until as "snoozed_until: Ts"
from alert a join source s on s.id = a.source_id join environment e on e.id = s.environment_id
where ($1::bigint is null or s.environment_id = $1)
  and ($2::uuid is null or a.id = $2)
  and (a.resolved_at is null or a.resolved_at > $3 or $2 is not null)
order by a.resolved_at is not null, case when a.resolved_at is null then a.severity <> 'page' end, a.resolved_at desc,
         case when a.resolved_at is null then a.opened_at end, a.opened_at desc, a.id
limit $4
