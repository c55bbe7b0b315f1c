-- Production, staging, …: every source belongs to one (decision 15).
create table environment (
    id bigint generated always as identity primary key,
    name text not null unique,
    production boolean not null default false,
    -- A name of the palette; null: chosen by the page.
    colour text
);
