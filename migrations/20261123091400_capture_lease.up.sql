-- Leases with a growing epoch (decision 16). A released lease keeps its row, so that its epoch never goes back.
create table lease (
    name text primary key,
    holder text not null,
    epoch bigint not null,
    expires timestamptz not null
) with (fillfactor = 50);
