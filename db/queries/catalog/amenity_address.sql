-- amenity_address :optional
-- Where an amenity ($1 id) is, in words, and how to reach it.
select address_zh, address_en, website from catalog.amenity where id = $1::uuid
