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
    /// Only places that are known to be open then.
    package var openAt: OpenTime?
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
        openAt: OpenTime? = nil,
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
        self.openAt = openAt
        self.limit = limit
        self.cursor = cursor
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
}
