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
        limit: Int = 20,
        cursor: String? = nil
    ) {
        self.park = park
        self.near = near
        self.radiusMetres = radiusMetres
        self.q = q
        self.categories = categories
        self.attributes = attributes
        self.limit = limit
        self.cursor = cursor
    }

    /// The most rows of a page.
    package static let limits = 1...100
    /// The furthest that "near" may mean, in metres.
    package static let radii = 1.0...1_000_000.0
}
