-- Somebody asks for a role; an administrator answers.
create table access_request (
    id uuid primary key,
    person_id uuid not null references person on delete cascade,
    role text not null,
    -- What they could not do, and the path (without query) where they met it; empty where unknown.
    permission text not null,
    path text not null,
    reason text not null,
    made_at timestamptz not null,
    answered_at timestamptz,
    answered_by uuid references person on delete set null,
    granted boolean,
    word text not null default '',
    check ((answered_at is null) = (granted is null))
);
-- One open request a person and role.
create unique index access_request_open on access_request (person_id, role) where answered_at is null;
create index access_request_person on access_request (person_id, made_at);
