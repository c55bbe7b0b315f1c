drop view segment;
drop index block_open;
drop index event_span_open;
alter table block drop column words_in;
alter table event_span drop column keys_in;
drop table word_segment;
drop table key_segment;
