-- What waits and tells of nothing that still is: every alert that it is about is over.
update delivery d set state = 'given_up', ended_at = $2, next_at = null,
                      error = $3::text || coalesce(' The last attempt: ' || d.error, '')
where d.state = 'waiting' and d.cause in ('opened', 'worse', 'repeated')
  and d.id in (select x.delivery_id from delivery_alert x where x.alert_id = any($1::uuid[]))
  and not exists (
      select from delivery_alert x join alert a on a.id = x.alert_id where x.delivery_id = d.id and a.resolved_at is null
  )
