-- Between which numbers the values at the paths of a span's payloads lie (`weir_domain::search::Zones`); null where that
-- can't be told. A search that asks for a number opens only blocks that may hold one.
alter table event_span add column zones bytea;
