-- What an observation tells of groups. Members that were not asked for stay as they were.
update consumer_group g
set kind = w.kind, state = w.state, assignor = coalesce(w.assignor, g.assignor),
    coordinator = coalesce(w.coordinator, g.coordinator), members = coalesce(w.members, g.members),
    last_members = w.last_members, problem = w.problem, last_seen = w.last_seen, gone_at = w.gone_at,
    empty_since = w.empty_since, last_progress = w.last_progress, activity = w.activity, activity_hour = w.activity_hour, learnt = w.learnt
from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
            $9::timestamptz[], $10::timestamptz[], $11::timestamptz[], $12::timestamptz[], $13::bytea[], $14::bigint[], $15::text[])
     as w(id, kind, state, assignor, coordinator, members, last_members, problem, last_seen, gone_at, empty_since,
          last_progress, activity, activity_hour, learnt)
where g.id = w.id
