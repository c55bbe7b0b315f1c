-- Sources that people make in the browser. Their row in `source` stays when they are removed, with their events; this
-- one goes. `version` is raised by every change: taps start anew with it.
alter table source add column origin text not null default 'file' check (origin in ('file', 'browser'));
-- Who gave up reading it, while it is given up.
alter table source add column removed_by uuid references person on delete set null;
create table source_made (
    source_id bigint primary key references source on delete cascade,
    version bigint not null default 1,
    -- JSON with its own format number; text, because nobody asks the database about what is in it.
    settings text not null,
    made_at timestamptz not null,
    -- Kept without their names once they are gone.
    made_by uuid references person on delete set null,
    changed_at timestamptz not null,
    changed_by uuid references person on delete set null
);
