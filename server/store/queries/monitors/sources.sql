-- How sources and their taps stand, and how observing their groups goes, for the rules.
select s.id, s.name, s.environment_id, e.name as environment_name, s.state, s.since as "since: Ts", s.reason,
       s.reported_at as "reported_at: Ts", not (s.orphan or s.paused or s.capture = 'off') as "wanted!",
       s.wish_at as "wish_at: Ts", s.kind = 'kafka' as "has_groups!", l.observed_at as "lag_observed_at?: Ts",
       l.failed as "lag_failed?"
from source s join environment e on e.id = s.environment_id left join lag_source l on l.source_id = s.id
order by s.id
