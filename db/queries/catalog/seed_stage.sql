-- seed_stage :exec
-- Where the rows of all seed files land by COPY; the seed_* statements read it in the same transaction.
-- Empty cells are absent from `fields`.
create temporary table seed_row (
    file text not null,
    line integer not null,
    fields jsonb not null
) on commit drop
