drop table event_span;
