insert into source as s (environment_id, name, kind, description, capture, act, read_only)
select id, $2, $3, $4, $5, $6, $7 from environment where name = $1
on conflict (name) do update set
    environment_id = excluded.environment_id,
    kind = excluded.kind,
    description = excluded.description,
    capture = excluded.capture,
    act = excluded.act,
    read_only = excluded.read_only,
    -- The file keeps winning its names: one made in the browser under this name is the file's from now on.
    origin = 'file',
    -- Back in the file: it goes on, unless a person had paused it.
    orphan = false,
    removed_by = null,
    wish_at = case when s.orphan then now() else s.wish_at end
returning id, environment_id
