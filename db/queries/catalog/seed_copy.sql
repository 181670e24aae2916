-- seed_copy :copy
-- One row a line of the files, in COPY's text format.
copy pg_temp.seed_row (file, line, fields) from stdin
