-- Words too many do no harm.
select;
