-- The schemas of the slices, and a refusal of databases on which search would silently be blind.

create extension if not exists postgis;
create extension if not exists pg_trgm;

-- With LC_CTYPE=C pg_trgm finds no trigrams in Chinese, Japanese or Korean text, and says nothing.
do $$
begin
    if coalesce(array_length(show_trgm('国际学校'), 1), 0) = 0 then
        raise exception 'this database cannot search Chinese text: create it with ENCODING UTF8 and LOCALE C.UTF-8';
    end if;
end
$$;

create schema catalog;
create schema queue;
create schema intake;
create schema gaps;
create schema access;
