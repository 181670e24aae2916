/// The files of facts about what the other files list.
extension SeedTable {
    static let calendarDays = SeedTable(
        name: "calendar_days",
        columns: [
            .required("day", .day), .required("year", .integer(2000...2100)),
            .required("kind", .oneOf(["holiday", "makeup"])), .required("name_zh"), .required("name_en"),
            .required("source", .key(of: "sources")),
        ],
        key: ["day"],
        rule: { row in
            guard let year = row["year"], let day = row["day"], let date = WallTime(parsing: day + "T00:00")?.date
            else {
                return nil
            }
            if row["kind"] == "makeup", !date.weekday.isWeekend {
                return ("day", "is worked in any case: no weekend day")
            }
            let isYearBefore = day.hasSuffix("-12-31") || day.hasSuffix("-12-30")
            guard day.hasPrefix(year) || isYearBefore else { return ("year", "is not the day's year") }
            return nil
        },
        steps: [SeedStep(noun: "calendar days", statement: SeedCalendarDays())]
    )

    static let openingHours = SeedTable(
        name: "opening_hours",
        columns: [
            .required("amenity", .key(of: "amenities")), .required("expression"),
            .required("makeup", .oneOf(MakeupPolicy.allCases.map(\.rawValue))),
            .required("source", .key(of: "sources")), .optional("as_of", .date), .required("confidence", .confidence),
        ],
        key: ["amenity"],
        steps: [SeedStep(noun: "opening hours", statement: SeedOpeningHours())]
    )

    static let amenityNames = SeedTable(
        name: "amenity_names",
        columns: [
            .required("amenity", .key(of: "amenities")), .required("lang", .language), .required("name"),
            .required("kind", .oneOf(["name", "former", "short"])), .required("origin", .origin),
            .required("source", .key(of: "sources")),
        ],
        key: ["amenity", "lang", "name"],
        steps: [SeedStep(noun: "amenity names", statement: SeedAmenityNames())]
    )

    static let languageOffers = SeedTable(
        name: "language_offers",
        columns: [
            .required("amenity", .key(of: "amenities")), .required("lang", .language),
            .required(
                "channel",
                .oneOf(["front_desk", "clinician", "phone", "teaching", "written", "web", "worship"])
            ),
            .required("level", .oneOf(["native", "fluent", "basic", "interpreter", "written", "unknown"])),
            .required("source", .key(of: "sources")), .optional("as_of", .date), .required("confidence", .confidence),
        ],
        key: ["amenity", "lang", "channel"],
        steps: [SeedStep(noun: "language offers", statement: SeedLanguageOffers())]
    )

    static let accreditations = SeedTable(
        name: "accreditations",
        columns: [
            .required("amenity", .key(of: "amenities")), .required("scheme", .key(of: "terms")),
            .required("status", .oneOf(["accredited", "member", "candidate", "lapsed", "unknown"])),
            .optional("reference"), .optional("valid_from", .date), .optional("valid_to", .date), .optional("note"),
            .required("source", .key(of: "sources")), .optional("as_of", .date), .required("confidence", .confidence),
        ],
        key: ["amenity", "scheme"],
        steps: [SeedStep(noun: "accreditations", statement: SeedAccreditations())]
    )

    static let nationalityTerms = SeedTable(
        name: "nationality_terms",
        columns: [
            .required("nationality", .country), .required("term", .key(of: "terms")),
            .required("source", .key(of: "sources")), .optional("note"),
        ],
        key: ["nationality", "term"],
        steps: [SeedStep(noun: "nationality terms", statement: SeedNationalityTerms())]
    )

    static let queryWords = SeedTable(
        name: "query_words",
        columns: [
            .required(
                "kind",
                .oneOf(["nationality", "region", "park", "open", "not", "not_behind", "or", "study", "filler"])
            ),
            .optional("value"), .required("lang", .language), .required("word"),
        ],
        key: ["kind", "value", "lang", "word"],
        rule: { row in
            let takesValue = ["nationality", "region", "park", "study"].contains(row["kind"] ?? "")
            guard takesValue == (row["value"] != nil) else {
                return ("value", takesValue ? "is empty" : "is only for nationalities, regions, parks and studies")
            }
            return nil
        },
        steps: [SeedStep(noun: "words of queries", statement: SeedQueryWords())]
    )

    static let impliedCategories = SeedTable(
        name: "implied_categories",
        columns: [
            .required("attribute", .key(of: "terms")), .required("category", .key(of: "terms")),
            .required("place", .integer(1...20)),
        ],
        key: ["attribute", "category"],
        steps: [SeedStep(noun: "implied categories", statement: SeedImpliedCategories())]
    )

    static let residents = SeedTable(
        name: "residents",
        columns: [
            .required("park", .key(of: "parks")), .required("nationality", .country),
            .optional("residents_low", .integer(0...10_000_000)), .required("residents", .integer(0...10_000_000)),
            .optional("residents_high", .integer(0...10_000_000)), .optional("as_of", .date),
            .required("basis", .oneOf(["park", "county", "prefecture"])), .required("source", .key(of: "sources")),
            .required("confidence", .confidence), .optional("note"),
        ],
        key: ["park", "nationality"],
        rule: { row in
            guard let value = row["residents"].flatMap({ Int($0) }) else { return nil }
            if let low = row["residents_low"].flatMap({ Int($0) }), low > value {
                return ("residents_low", "is above the count")
            }
            if let high = row["residents_high"].flatMap({ Int($0) }), high < value {
                return ("residents_high", "is below the count")
            }
            return nil
        },
        steps: [SeedStep(noun: "resident counts", statement: SeedResidents())]
    )
}
