-- Who this installation is (decision 17): one row, made on first start.
create table instance (
    one_row boolean primary key default true check (one_row),
    id uuid not null default gen_random_uuid(),
    made_at timestamptz not null default now()
);
