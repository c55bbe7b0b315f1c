-- Queues a message; nothing for an outlet that was removed meanwhile. That something is over which its outlet never heard
-- of is not sent, but for PagerDuty: it takes no notice of the end of what it does not know, and may have heard of it in an
-- attempt that seemed to fail.
with target as (
    select o.id, o.name, o.kind,
           $3::text = 'resolved' and o.kind <> 'pager_duty' and not exists (
               select from delivery_alert x join delivery e on e.id = x.delivery_id
               where x.alert_id = any($8::uuid[]) and e.outlet_id = o.id and e.state in ('waiting', 'delivered')
           ) as late
    from outlet o where o.id = $2
), new as (
    insert into delivery (id, outlet_id, outlet_name, outlet_kind, cause, title, threads, message, queued_at, state, next_at,
                          ended_at, error)
    select $1, id, name, kind, $3::text, $4, $5, $6, $7::timestamptz, case when late then 'given_up' else 'waiting' end,
           case when not late then $7::timestamptz end, case when late then $7::timestamptz end, case when late then $10::text end
    from target
    returning id
)
insert into delivery_alert (delivery_id, alert_id, thread)
select new.id, w.id, w.thread from new, unnest($8::uuid[], $9::uuid[]) as w(id, thread)
