/// The datum that a coordinate is given in. In China maps show GCJ-02 or BD-09, some 500 m and 1.1 km off WGS-84.
package enum Datum: String, Sendable, CaseIterable {
    case wgs84
    case gcj02
    case bd09
}

/// A position in degrees, with the datum that its values are declared in.
package struct Coordinate: Sendable, Hashable {
    package let latitude: Double
    package let longitude: Double
    package let datum: Datum

    /// - Parameter datum: `nil` means WGS-84.
    package init(latitude: Double, longitude: Double, datum: Datum? = nil) {
        self.latitude = latitude
        self.longitude = longitude
        self.datum = datum ?? .wgs84
    }

    /// The same values taken for those of another datum.
    package func reread(as datum: Datum) -> Coordinate {
        Coordinate(latitude: latitude, longitude: longitude, datum: datum)
    }
}
