-- What the configuration file of each process that runs says of the store's budget: the least rules. null: nothing.
create table capture_budget_file (
    process text primary key,
    bytes bigint check (bytes > 0),
    noted_at timestamptz not null
);
