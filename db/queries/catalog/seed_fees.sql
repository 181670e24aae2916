-- seed_fees :one
-- Writes the staged fees.
-- Unchanged rows are not written at all.
with written as (
    insert into catalog.fee as kept (
        amenity, label, low, high, currency, period, source, as_of, confidence
    )
    select
        amenity.id, cell.label, cell.low, cell.high, cell.currency, cell.period, cell.source, cell.as_of,
        cell.confidence
    from
        pg_temp.seed_row staged,
        jsonb_to_record(staged.fields) as cell (
            amenity text, label text, low numeric, high numeric, currency text, period text, source text, as_of text,
            confidence text
        )
        join catalog.amenity on amenity.slug = cell.amenity
    where staged.file = 'fees'
    on conflict (amenity, label, period) do update set
        low = excluded.low, high = excluded.high, currency = excluded.currency, source = excluded.source,
        as_of = excluded.as_of, confidence = excluded.confidence
    where (
        kept.low, kept.high, kept.currency, kept.source, kept.as_of, kept.confidence
    ) is distinct from (
        excluded.low, excluded.high, excluded.currency, excluded.source, excluded.as_of, excluded.confidence
    )
    returning xmax = 0 as is_new
)
select count(*) filter (where is_new), count(*) filter (where not is_new) from written
