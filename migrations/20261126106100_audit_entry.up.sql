-- Who did what, and who saw what. Append-only: entries are written and read; the triggers below refuse the rest, and
-- upkeep drops whole months. People are kept as text, so that an entry outlives them. No key, header or payload stands
-- here, and no secret.
create sequence audit_entry_id;
create table audit_entry (
    id bigint not null default nextval('audit_entry_id'),
    at timestamptz not null,
    count bigint,
    source_id bigint,
    channel_id bigint,
    -- Different keys that were shown or searched for; their hashes are in audit_key.
    keys integer not null,
    person_id text,
    login text,
    via text,
    token_id text,
    remote text not null,
    request_id text not null,
    use_case text not null,
    outcome text not null,
    reason text,
    object_kind text,
    object_id text,
    object_name text,
    shape jsonb,
    before jsonb,
    after jsonb,
    primary key (id, at)
) partition by range (at);
-- For the page's filters, each with the order of the page.
create index audit_entry_login on audit_entry (login, id);
create index audit_entry_object on audit_entry (object_kind, object_id, id);
create index audit_entry_channel on audit_entry (channel_id, id) where channel_id is not null;
create index audit_entry_source on audit_entry (source_id, id) where source_id is not null;
create index audit_entry_use_case on audit_entry (use_case, id);
create index audit_entry_refused on audit_entry (id) where outcome in ('refused', 'failed');
