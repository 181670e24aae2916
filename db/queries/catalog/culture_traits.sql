-- culture_traits :many
-- What is known of amenities ($1) that may matter to somebody's culture.
select
    amenity.id,
    amenity.category,
    amenity.attributes,
    array(
        select offer.lang from catalog.language_offer offer where offer.amenity = amenity.id order by lang, channel
    ) as languages,
    array(
        select offer.level from catalog.language_offer offer where offer.amenity = amenity.id order by lang, channel
    ) as levels,
    array(
        select offer.channel from catalog.language_offer offer where offer.amenity = amenity.id order by lang, channel
    ) as channels,
    (
        -- By the view, since who checked what is not for everybody.
        select to_char(fresh.confirmed_at at time zone 'Asia/Shanghai', 'YYYY-MM')
        from catalog.freshness fresh
        where fresh.amenity = amenity.id and fresh.field_group = 'languages'
    ) as languages_confirmed,
    amenity.admits,
    array(
        select accreditation.scheme from catalog.accreditation
        where accreditation.amenity = amenity.id and accreditation.status = 'lapsed' order by 1
    ) as lapsed
from catalog.amenity
where amenity.id = any ($1::uuid[])
