-- What was sent of an alert, newest first.
select d.id, d.outlet_id, d.outlet_name, d.outlet_kind, d.cause, d.title, d.state, d.attempts, d.queued_at as "queued_at: Ts",
       d.ended_at as "ended_at: Ts", d.next_at as "next_at: Ts", d.error
from delivery_alert x join delivery d on d.id = x.delivery_id
where x.alert_id = $1
order by d.number desc
limit 100
