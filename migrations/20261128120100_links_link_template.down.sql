drop table link_template;
