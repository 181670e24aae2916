import Catalog

/// What an amenity looks like in results.
enum AmenityShape {
    /// One item of a search.
    static let item: [Parameter] = [
        .required("id", .uuid),
        .required("slug", .string),
        .required("name", .shownName, "in the caller's language where known"),
        .optional("name_local", .shownName, "as on the sign outside"),
        .required("category", .string),
        .required("category_label", .string),
        .optional("location", .location, "absent where nobody has published it"),
        .required("area", .area),
        .optional("distance_m", .measure, "from the point of the search"),
        .required("languages", .list(of: .string), "of service, BCP 47"),
        .required("attributes", .codes),
        .optional("phone", .string),
        .required("verified", .verified),
        .optional("park", .string, "the park of the search, else that of its region or the nearest"),
        .required(
            "match",
            .object([.required("score", .number(0...1)), .required("reasons", .list(of: .string))]),
            "how well it suits the nationality and the languages"
        ),
        .required("open", .object(Schema.openMembers)),
    ]

    /// Who looks: parameters of whatever tells how well an amenity suits them.
    static let viewer: [Parameter] = [
        .optional("nationality", .text(maximumBytes: 32), "who looks, ISO 3166-1 alpha-2: for the match alone"),
        .optional(
            "languages",
            .array(of: .text(maximumBytes: 35), maximumCount: 20),
            "languages that whoever looks understands, BCP 47: for the match alone"
        ),
    ]

    /// With whom they live and what they need, likewise.
    static let household: [Parameter] = [
        .optional("child_ages", .array(of: .integer(0...25), maximumCount: 20), "in years: for the match alone"),
        .optional(
            "faiths",
            .array(of: .text(maximumBytes: 64), maximumCount: 20),
            "kinds of places of worship, such as worship.catholic: for the match alone"
        ),
        .optional(
            "diets",
            .array(of: .text(maximumBytes: 64), maximumCount: 20),
            "what all meals have to be, such as a.diet.halal: for the match alone"
        ),
        .optional(
            "insurers",
            .array(of: .text(maximumBytes: 64), maximumCount: 20),
            "one of which should be taken, such as a.insurer.msh: for the match alone"
        ),
    ]

    /// What was made of a search's words.
    static let understood: [Parameter] = [
        .required("categories", .codes, "best first"),
        .required("attributes", .codes, "a.lang.xx is a wanted language of service"),
        .optional("place", .string, "an administrative code, or a park's id"),
        .optional("place_name", .string, "in the caller's language"),
        .optional("open", .choice(["now"])),
        .optional("phone", .string, "the words as a telephone number, E.164"),
        .optional("nationality", .string, "ISO 3166-1 alpha-2"),
        .optional("excluded", .codes, "what is not wanted"),
        .required("text", .string, "the words that were looked for in names"),
        .optional("labels", .map(of: .string), "of the codes, in the caller's language"),
        .optional(
            "corrections",
            .list(of: .object([.required("from", .string), .required("to", .string)])),
            "words that were taken for others"
        ),
    ]

    /// What to look for instead.
    static let suggestion: [Parameter] = [
        .required("kind", .choice(["category"])),
        .required("code", .string),
        .required("text", .string, "in the caller's language"),
    ]

    /// What a word that is being typed may become.
    static let completion: [Parameter] = [
        .required("kind", .choice(["category", "attribute", "region", "park", "amenity"])),
        .optional("code", .string, "of what is no amenity"),
        .optional("id", .uuid),
        .optional("slug", .string),
        .required("text", .string),
        .required("lang", .string),
        .optional("origin", .string, "who chose an amenity's name"),
        .optional("category", .string),
        .optional("category_label", .string, "in the caller's language"),
        .optional("area", .string),
    ]

    /// One fact of amenities side by side.
    static let comparedFact: [Parameter] = [
        .required("field", .string, "a fact's name, or an attribute's code"),
        .required("label", .string, "in the caller's language"),
        .required("values", .list(of: .nullable(.string)), "one an amenity; null where nothing is known"),
        .required("differs", .boolean),
    ]

    /// What a driver is shown, or a contact.
    static let card: [Parameter] = [
        .required("kind", .choice(Lookup.CardKind.allCases.map(\.rawValue))),
        .required("id", .uuid),
        .required("name_local", .shownName, "as on the sign outside"),
        .optional("name", .shownName),
        .required("hint", .string, "what to do with it, in the caller's language"),
        .required("lines", .list(of: .string), "what the driver reads, in Chinese"),
        .required("address", .object([.optional("zh", .string), .optional("en", .string)])),
        .optional("phone", .any, "its forms"),
        .optional("location", .object([.required("wgs84", point), .required("gcj02", point)])),
        .optional("vcard", .string, "RFC 6350, for a contact"),
    ]

    private static let point = Schema.object([.required("lat", .latitude), .required("lon", .longitude)])

    /// A change of an amenity.
    static let change: [Parameter] = [
        .required("id", .uuid),
        .required("slug", .string),
        .required("kind", .choice(["changed", "removed"])),
        .required("at", .time),
    ]

    /// The whole record.
    static let record: [Parameter] = [
        .required("id", .uuid),
        .required("slug", .string),
        .required("name", .shownName, "in the caller's language where known"),
        .optional("name_local", .shownName, "as on the sign outside"),
        .required("names", names),
        .required("category", .string),
        .required("category_label", .string),
        .required("status", .string),
        .required("area", .area),
        .required(
            "address",
            .object([.optional("zh", .string), .optional("en", .string), .optional("postcode", .string)])
        ),
        .optional("location", .object(Schema.locationMembers + [.required("original", original)])),
        .required("location_known", .boolean),
        .optional("phone", .string, "as it is kept"),
        .optional("phones", phones),
        .optional("website", .string),
        .required("languages", languages),
        .required("attributes", .list(of: .object([.required("code", .string), .optional("label", .string)]))),
        .required("admission", .object([.optional("admits", .string, "whom it admits")])),
        .required("accreditation", accreditation),
        .optional("part_of", service, "what it is a service of"),
        .optional("services", .list(of: service), "its departments and whatever else is within it"),
        .optional("programmes", programmes, "what is taught in which grades"),
        .optional("admission_rules", admissionRules, "whom it takes and whom it does not"),
        .optional("fees", fees),
        .optional("parks", parks, "those within 50 km or with a known way"),
        .optional("field_sources", fieldSources, "of fields with another source than the record"),
        .optional("notes", .string),
        .required("verified", .verified, "as a whole"),
        .optional("verification", verification, "by group of fields"),
        .optional("as_of", .string, "the date of the facts: a year, a month or a day"),
        .required("confidence", .string),
        .required("sources", sources),
        .required("updated_at", .time),
        .required("open", .object(Schema.openMembers)),
        .required("hours", hours),
    ]

    // MARK: Parts

    private static let names = Schema.list(
        of: .object([
            .required("text", .string), .required("lang", .string), .required("kind", .string),
            .required("origin", .string), .optional("source", .string),
        ])
    )

    private static let original = Schema.object([
        .optional("lat", .latitude), .optional("lon", .longitude), .optional("datum", .string, "as it was given"),
    ])

    private static let phones = Schema.list(
        of: .object([
            .optional("kind", .string), .required("national", .string), .optional("e164", .string),
            .optional("international", .string), .optional("dialable_from_abroad", .boolean),
            .optional("use", .string, "such as appointments or emergency"),
            .optional("lang", .string, "the language that is spoken there"), .optional("note", .string),
            .optional("source", .string), .optional("as_of", .string),
        ])
    )

    private static let languages = Schema.list(
        of: .object([
            .required("lang", .string), .required("channel", .string, "such as staff, phone or interpreter"),
            .optional("level", .string), .optional("as_of", .string), .optional("confidence", .string),
            .optional("source", .string),
        ])
    )

    private static let accreditation = Schema.list(
        of: .object([
            .required("scheme", .string), .optional("label", .string), .required("status", .string),
            .optional("valid_from", .string), .optional("valid_to", .string), .optional("note", .string),
            .optional("source", .string),
        ])
    )

    private static let verification = Schema.list(
        of: .object([
            .required("fields", .string), .required("state", .string), .optional("at", .time),
            .optional("method", .string), .optional("reported_at", .time), .optional("next_check", .time),
        ])
    )

    private static let sources = Schema.list(
        of: .object([
            .required("id", .string), .optional("title", .string), .optional("url", .string),
            .optional("licence", .string),
        ])
    )

    private static let hours = Schema.object([
        .required("state", .choice(["open", "closed", "unknown"])),
        .optional("expression", .string, "in the syntax of OpenStreetMap's opening_hours"),
        .optional("makeup", .string, "what holds on weekend days worked for a holiday"),
        .optional("as_of", .string),
        .optional("confidence", .string),
        .optional("source", .string),
        .optional("not_understood", .string, "why the expression is only a note"),
    ])
}

extension AmenitySearch.Household {
    /// Reads the members of ``AmenityShape/household`` that are about the family.
    init(_ arguments: Arguments) {
        self.init(
            childAges: arguments.integers("child_ages"),
            faiths: arguments.texts("faiths"),
            diets: arguments.texts("diets"),
            insurers: arguments.texts("insurers")
        )
    }
}
