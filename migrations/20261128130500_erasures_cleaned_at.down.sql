alter table erasure drop column cleaned_at;
