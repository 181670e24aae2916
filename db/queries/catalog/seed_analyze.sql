-- seed_analyze :exec
-- After a load, so that the first searches are planned with knowledge of the data.
analyze catalog.source, catalog.calendar_day, catalog.region, catalog.term, catalog.synonym, catalog.park,
    catalog.park_name, catalog.amenity, catalog.amenity_name, catalog.opening_hours, catalog.language_offer,
    catalog.accreditation, catalog.nationality_term, catalog.query_word, catalog.implied_category, catalog.listing,
    catalog.record, catalog.record_part, catalog.search_name, catalog.amenity_part, catalog.programme,
    catalog.admission_rule, catalog.fee, catalog.phone_line, catalog.park_link, catalog.field_source, gaps.residents
