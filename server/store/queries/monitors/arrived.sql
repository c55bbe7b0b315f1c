-- A delivery arrived. If it was given up meanwhile as being too late, that it is over is told after all; and what else waits
-- for its outlet is tried at once.
with arrived as (
    update delivery set attempts = attempts + 1, state = 'delivered', error = $2, next_at = null, ended_at = $3::timestamptz
    where id = $1
    returning id, outlet_id
), over as (
    update delivery r set state = 'waiting', next_at = $3::timestamptz, ended_at = null, error = null
    from arrived a
    where r.outlet_id = a.outlet_id and r.cause = 'resolved' and r.state = 'given_up' and r.error = $4
      and r.id in (
          select y.delivery_id from delivery_alert x join delivery_alert y on y.alert_id = x.alert_id where x.delivery_id = a.id
      )
)
update delivery w set next_at = $3::timestamptz
from arrived a
where w.outlet_id = a.outlet_id and w.id <> a.id and w.state = 'waiting' and w.next_at > $3::timestamptz
