-- Payloads are indexed as they read, too (unpacked, XML, MessagePack, CBOR): what was gathered before lacks their words.
-- The engine gathers them anew; meanwhile blocks are looked into.
delete from word_segment;
update block set words_in = null where words_in is not null;
