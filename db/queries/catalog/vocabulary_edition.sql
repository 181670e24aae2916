-- vocabulary_edition :one
-- Moves when anything changes that programs keep in memory.
select edition from catalog.vocabulary_edition
