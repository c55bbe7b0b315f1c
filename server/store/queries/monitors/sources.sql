-- How sources and their taps stand, for the rules.
select s.id, s.name, s.environment_id, e.name as environment_name, s.state, s.since as "since: Ts", s.reason,
       s.reported_at as "reported_at: Ts", not (s.orphan or s.paused or s.capture = 'off') as "wanted!",
       s.wish_at as "wish_at: Ts"
from source s join environment e on e.id = s.environment_id
order by s.id
