import Catalog
import FoundationEssentials
import Testing

@Suite("The files of a seed")
struct SeedTests {
    @Test("a small seed is read without complaint")
    func good() throws {
        _ = try SmallSeed().read()
    }

    @Test(
        "a bad row is reported with its file, line, column and reason",
        arguments: [
            // An unknown region.
            (
                SmallSeed().with("amenities", row: "b,edu,999999,,,,,,,,,,unknown,active,,,,src,2020,high"),
                "amenities.csv:3: region: \"999999\" is not in regions.csv"
            ),
            (
                SmallSeed().with("amenities", row: "b,edu,330400,,,,,,,30.7,120.7,mars,point,active,,,,src,2020,high"),
                "amenities.csv:3: datum: \"mars\" is none of wgs84, gcj02, bd09"
            ),
            (
                SmallSeed().with("calendar_days", row: "2026-10-08,2026,makeup,国庆节,National Day,src"),
                "calendar_days.csv:3: day: is worked in any case: no weekend day"
            ),
            (
                SmallSeed().with("calendar_days", row: "2026-10-02,2027,holiday,国庆节,National Day,src"),
                "calendar_days.csv:3: year: is not the day's year"
            ),
            (
                SmallSeed().with("calendar_days", row: "2026-02-30,2026,holiday,国庆节,National Day,src"),
                "calendar_days.csv:3: day: \"2026-02-30\" is not a day as YYYY-MM-DD"
            ),
            (
                SmallSeed().with("amenities", row: "b,edu,330400,,,,,,,30.7,,wgs84,point,active,,,,src,2020,high"),
                "amenities.csv:3: lat: a latitude and a longitude come together or not at all"
            ),
            (
                SmallSeed().with("amenities", row: "b,edu,330400,,,,,,,300,120.7,wgs84,point,active,,,,src,2020,high"),
                "amenities.csv:3: lat: \"300\" is no number from -90.0 to 90.0"
            ),
            (
                SmallSeed().with("amenities", row: "b,edu,330400,,,,,,,,,,point,active,,,,src,2020,high"),
                "amenities.csv:3: precision: without a position only unknown is possible"
            ),
            (
                SmallSeed().with("amenities", row: "B,edu,330400,,,,,,,,,,unknown,active,,,,src,2020,high"),
                "amenities.csv:3: slug: \"B\" is not lower-case letters and digits with single hyphens between them"
            ),
            (
                SmallSeed().with("amenities", row: "a,edu,330400,,,,,,,,,,unknown,active,,,,src,2020,high"),
                "amenities.csv:3: slug: \"a\" stands already in line 2"
            ),
            (
                SmallSeed().with("amenities", row: "b,edu,330400,,,,,0573,,,,,unknown,active,,,,src,2020,high"),
                "amenities.csv:3: phone: \"0573\" is not an E.164 number such as +862164068027"
            ),
            (
                SmallSeed().with("amenities", row: "b,edu,330400,,,,,,,,,,unknown,active,edu;nope,,,src,2020,high"),
                "amenities.csv:3: attributes: \"nope\" is not in terms.csv"
            ),
            (
                SmallSeed().with("amenities", row: "b,edu,330400,,,,,,,,,,unknown,open,,,,src,2020,high"),
                "amenities.csv:3: status: \"open\" is none of active, planned, closed, unknown"
            ),
            (
                SmallSeed().with("amenities", row: "b,edu,330400,,,,,,,,,,unknown,active,,,,src,2020-13,high"),
                "amenities.csv:3: as_of: \"2020-13\" is not a date as YYYY, YYYY-MM or YYYY-MM-DD"
            ),
            (
                SmallSeed().with("amenities", row: "b,,330400,,,,,,,,,,unknown,active,,,,src,2020,high"),
                "amenities.csv:3: category: is empty"
            ),
            (SmallSeed().with("amenities", row: "b,edu"), "amenities.csv:3: 2 fields where the header has 20"),
            (SmallSeed().with("amenities", row: "\"b"), "amenities.csv:3: the quote that begins here is never closed"),
            (SmallSeed().with("sources", row: "other,A title\0,,,MIT,,"), "sources.csv:3: title: contains a zero byte"),
            (
                SmallSeed().with("query_words", row: "region,,en,somewhere"),
                "query_words.csv:3: value: is empty"
            ),
            (
                SmallSeed().with("query_words", row: "open,now,en,open"),
                "query_words.csv:3: value: is only for nationalities, regions, parks and studies"
            ),
            (
                SmallSeed().with("amenity_parts", row: "a,a,src"),
                "amenity_parts.csv:2: whole: an amenity is no service of itself"
            ),
            (
                SmallSeed().with("programmes", row: "a,edu,K-12,offered,,,src,,low"),
                "programmes.csv:2: curriculum: is no curriculum (a.curr.*)"
            ),
            (
                SmallSeed().with("fees", row: "a,bus,3,2,CNY,year,src,,low"),
                "fees.csv:3: low: is above high"
            ),
            (
                SmallSeed().with("fees", row: "a,bus,2,3,yuan,year,src,,low"),
                "fees.csv:3: currency: \"yuan\" is not a currency's three capital letters"
            ),
            (
                SmallSeed().with("admission_rules", row: "a,2,admitted,anyone,,19,18,src,,low"),
                "admission_rules.csv:3: min_age: is above max_age"
            ),
            (
                SmallSeed().with("terms", row: "food.bar,edu,category,b,b,b,b,b,b,b,b,,"),
                "terms.csv:3: code: does not begin with edu, as its parent edu does"
            ),
        ] as [(SmallSeed, String)]
    )
    func badRow(seed: SmallSeed, problem: String) {
        #expect(seed.problems() == [problem])
    }

    @Test("hours that can't be read are kept and reported, and no reason to refuse a seed")
    func hours() throws {
        #expect(try SmallSeed().read().notUnderstoodHours.isEmpty)
        let odd = SmallSeed().with("amenities", row: "b,edu,330400,,,,,,,,,,unknown,active,,,,src,2020,high")
            .with("opening_hours", row: "b,Mo-Fr 09:00-17:00+,unknown,src,2020,low")
        let notes = try odd.read().notUnderstoodHours
        #expect(notes.count == 1 && notes.first?.contains("an open end (+) says not when it closes") == true)
    }

    @Test("a header with a missing, a foreign and a doubled column says so")
    func header() {
        var seed = SmallSeed()
        seed.files["synonyms"] = "code,lang,lang,word\n"
        #expect(
            seed.problems() == [
                "synonyms.csv:1: lang: stands twice", "synonyms.csv:1: word: is no column of this file",
                "synonyms.csv:1: synonym: the column is missing",
            ]
        )
        seed.files["synonyms"] = ""
        #expect(seed.problems() == ["synonyms.csv:1: the header is missing"])
    }

    @Test("every problem is reported at once, and a long list is cut")
    func many() {
        var seed = SmallSeed()
        for index in 0..<25 { seed = seed.with("synonyms", row: "nope,en,word \(index)") }
        #expect(seed.problems().count == 25)
        let error = #expect(throws: SeedError.self) { try seed.read() }
        #expect(error?.description.hasSuffix("… and 5 more") == true)
        #expect(error?.description.hasPrefix("the seed has 25 problems; nothing was written.\n") == true)
    }

    @Test("the starter catalogue of the repository is without fault")
    func starterCatalogue() throws {
        _ = try Seed(folder: Repository.root.appending(path: "db/seed"))
    }

    @Test("a folder without files is said to be so")
    func missing() {
        let error = #expect(throws: SeedError.self) { try Seed(folder: Repository.root.appending(path: "db/nowhere")) }
        #expect(error?.description.hasSuffix("db/nowhere/sources.csv can't be read: it is not there") == true)
    }
}

/// A seed of one row a file, in memory.
struct SmallSeed: Sendable, CustomTestStringConvertible {
    var files: [String: String] = [
        "sources": "id,title,provider,url,licence,retrieved,note\nsrc,A source,,,MIT,,\n",
        "regions": """
        adcode,parent,level,name_zh,name_en,seat_lat,seat_lon,source
        330400,,prefecture,嘉兴市,Jiaxing,30.75,120.75,src

        """,
        "terms": """
        code,parent,kind,en,zh-Hans,zh-Hant,ja,de,nl,fr,ko,osm_tag,schema_org
        edu,,category,Education,教育,教育,教育,Bildung,Onderwijs,Éducation,교육,,

        """,
        "synonyms": "code,lang,synonym\nedu,en,learning\n",
        "implied_categories": "attribute,category,place\nedu,edu,1\n",
        "query_words": "kind,value,lang,word\nnot,,en,without\n",
        "parks": """
        id,name_zh,name_en,name_en_origin,name_partner,partner_lang,partner_country,region,zone_zh,level,year,lat,lon,\
        datum,precision,industries_zh,source,as_of,confidence
        p,园,Park,curator,Der Park,de,DE;AT,330400,,,,30.7,120.7,wgs84,seat,,src,,high

        """,
        "amenities": """
        slug,category,region,park,address_zh,address_en,postcode,phone,website,lat,lon,datum,precision,status,\
        attributes,admits,notes,source,as_of,confidence
        a,edu,330400,p,"甲路1号,乙","line\\two\ttab",,,,,,,unknown,active,edu,,"says ""hi""
        twice",src,2020,high

        """,
        "calendar_days": """
        day,year,kind,name_zh,name_en,source
        2026-10-01,2026,holiday,国庆节,National Day,src

        """,
        "opening_hours": """
        amenity,expression,makeup,source,as_of,confidence
        a,"Mo-Fr 08:00-12:00,13:00-17:00",as_weekday,src,2020,low

        """,
        "amenity_names": "amenity,lang,name,kind,origin,source\na,en,A school,name,curator,src\n",
        "language_offers": "amenity,lang,channel,level,source,as_of,confidence\na,de,teaching,native,src,,high\n",
        "accreditations": """
        amenity,scheme,status,reference,valid_from,valid_to,note,source,as_of,confidence
        a,edu,member,,2019,,,src,,low

        """,
        "amenity_parts": "amenity,whole,source\n",
        "programmes": """
        amenity,curriculum,grades,status,valid_from,valid_to,source,as_of,confidence

        """,
        "admission_rules": """
        amenity,position,decision,who,nationalities,min_age,max_age,source,as_of,confidence
        a,1,refused,resident Chinese nationals,CN,3,18,src,2020,low

        """,
        "fees": "amenity,label,low,high,currency,period,source,as_of,confidence\na,tuition,1,2,CNY,year,src,2020,low\n",
        "phone_lines": "amenity,phone,kind,lang,note,source,as_of,confidence\na,+8657382000000,fax,ja,,src,,low\n",
        "park_links": "amenity,park,road_m,drive_minutes,walk_minutes,source,as_of\na,p,9000,12,,src,2020\n",
        "field_sources": "amenity,field,source,as_of\na,notes,src,2020\n",
        "nationality_terms": "nationality,term,source,note\nDE,edu,src,\n",
        "residents": """
        park,nationality,residents_low,residents,residents_high,as_of,basis,source,confidence,note
        p,DE,10,20,30,,park,src,low,

        """,
    ]

    /// With one row more at the end of a file.
    func with(_ file: String, row: String) -> SmallSeed {
        var seed = self
        seed.files[file, default: ""] += row + "\n"
        // The amenity's note of two lines would shift what is expected.
        seed.files["amenities"] = seed.files["amenities"]?.replacing("hi\"\"\ntwice", with: "hi\"\"")
        return seed
    }

    func read() throws -> Seed {
        try Seed { (name) throws(SeedError) -> [UInt8] in Array((files[String(name.dropLast(4))] ?? "").utf8) }
    }

    func problems() -> [String] {
        do {
            _ = try read()
            return []
        } catch SeedError.problems(let problems) {
            return problems.map(\.description)
        } catch {
            return ["\(error)"]
        }
    }

    var testDescription: String { "a small seed" }
}
