-- Which outlets were told of open alerts, each with the thread it was first told in. A program of before kept one thread
-- for all outlets, with the alert.
select distinct on (x.alert_id, d.outlet_id) x.alert_id, d.outlet_id as "outlet_id!", coalesce(x.thread, a.thread) as "thread!"
from alert a join delivery_alert x on x.alert_id = a.id join delivery d on d.id = x.delivery_id
where a.resolved_at is null and d.outlet_id is not null
order by x.alert_id, d.outlet_id, d.number
