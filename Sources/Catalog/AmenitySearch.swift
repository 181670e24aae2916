/// What somebody looks for.
package struct AmenitySearch: Sendable {
    package var park: String?
    package var near: Coordinate?
    /// `nil`: within reach of a park, 50 km.
    package var radiusMetres: Double?
    /// Words in any of the eight languages.
    package var q: String?
    package var categories: [String]
    package var attributes: [String]
    /// Who looks, ISO 3166-1 alpha-2: how well each place suits them is told, and none is left out.
    package var nationality: String?
    /// Languages that whoever looks understands, BCP 47; they take the place of those of the nationality.
    package var languages: [String]
    /// What else matters of who looks, for the match alone.
    package var household: Household
    /// Only places that are known to be open then.
    package var openAt: OpenTime?
    /// Only places that somebody has confirmed within so many days.
    package var verifiedWithinDays: Int?
    package var sort: Sort
    /// What is counted of all that was found.
    package var facets: [Facet]
    /// Whether all that was found is counted.
    package var count: Bool
    /// 1...100.
    package var limit: Int
    /// From the page before.
    package var cursor: String?

    package init(
        park: String? = nil,
        near: Coordinate? = nil,
        radiusMetres: Double? = nil,
        q: String? = nil,
        categories: [String] = [],
        attributes: [String] = [],
        nationality: String? = nil,
        languages: [String] = [],
        household: Household = Household(),
        openAt: OpenTime? = nil,
        verifiedWithinDays: Int? = nil,
        sort: Sort = .relevance,
        facets: [Facet] = [],
        count: Bool = false,
        limit: Int = 20,
        cursor: String? = nil
    ) {
        self.park = park
        self.near = near
        self.radiusMetres = radiusMetres
        self.q = q
        self.categories = categories
        self.attributes = attributes
        self.nationality = nationality
        self.languages = languages
        self.household = household
        self.openAt = openAt
        self.verifiedWithinDays = verifiedWithinDays
        self.sort = sort
        self.facets = facets
        self.count = count
        self.limit = limit
        self.cursor = cursor
    }

    /// Who lives with whoever looks, and what they need.
    package struct Household: Sendable, Hashable {
        /// In years.
        package var childAges: [Int]
        /// Codes of places of worship.
        package var faiths: [String]
        /// Codes of diets; all are needed.
        package var diets: [String]
        /// Codes of insurers; one is enough.
        package var insurers: [String]

        package init(
            childAges: [Int] = [],
            faiths: [String] = [],
            diets: [String] = [],
            insurers: [String] = []
        ) {
            self.childAges = childAges
            self.faiths = faiths
            self.diets = diets
            self.insurers = insurers
        }

        var isEmpty: Bool { childAges.isEmpty && faiths.isEmpty && diets.isEmpty && insurers.isEmpty }

        /// Refuses codes of another kind by name.
        func check(_ reference: Reference) throws(CatalogError) {
            let lists = [
                ("faiths", faiths, "worship."), ("diets", diets, "a.diet."), ("insurers", insurers, "a.insurer."),
            ]
            for (member, codes, prefix) in lists {
                for (index, code) in codes.enumerated()
                where !code.hasPrefix(prefix) || !reference.isCategory(code) && !reference.isAttribute(code) {
                    let nearest = reference.nearestCode(to: code, isCategory: !prefix.hasPrefix("a."))
                    throw .unknownCode(
                        member: "\(member)/\(index)",
                        nearest: nearest.flatMap { $0.hasPrefix(prefix) ? $0 : nil }
                    )
                }
            }
        }
    }

    /// What comes first. Without words the most relevant is the nearest.
    package enum Sort: String, Sendable, CaseIterable {
        case relevance
        case distance
        case name
        /// The latest confirmed.
        case freshness
    }

    /// By what those that were found can be counted.
    package enum Facet: String, Sendable, CaseIterable {
        case category
        case attribute
        case region
    }

    /// When a place should be open.
    package enum OpenTime: Sendable, Hashable {
        /// By the database's clock.
        case now
        case at(WallTime)

        /// Reads `now` or a time.
        package init?(parsing text: String) {
            guard text != "now" else {
                self = .now
                return
            }
            guard let time = WallTime(parsing: text) else { return nil }
            self = .at(time)
        }
    }

    /// The most rows of a page.
    package static let limits = 1...100
    /// The furthest that "near" may mean, in metres.
    package static let radii = 1.0...1_000_000.0
    /// How far is near where nobody says, in metres: about an hour by car on the roads of the delta.
    package static let reach = 50_000.0
}
