alter table event_span drop column zones;
