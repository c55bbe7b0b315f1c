-- Where events travel: topic, queue, stream, subject.
create table channel (
    id bigint generated always as identity primary key,
    source_id bigint not null references source,
    name text not null,
    -- Retention classes in days, one for blocks and one for rows (decisions 3 and 4). A change holds for new events.
    payload_class smallint not null default 7 check (payload_class in (1, 7, 30, 90, 400)),
    metadata_class smallint not null default 30 check (metadata_class in (1, 7, 30, 90, 400)),
    unique (source_id, name)
);
