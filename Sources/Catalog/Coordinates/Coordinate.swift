import Glibc

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

    /// The great-circle distance in metres between two positions, each in its own datum: the haversine formula on a sphere
    /// of the Earth's mean radius (IUGG, 6,371,008.8 m), right to 0.6 %.
    package func metres(to other: Coordinate) -> Double {
        let (from, to) = (converted(to: .wgs84), other.converted(to: .wgs84))
        let radians = Double.pi / 180
        let halfLatitude = sin((to.latitude - from.latitude) * radians / 2)
        let halfLongitude = sin((to.longitude - from.longitude) * radians / 2)
        let haversine =
            halfLatitude * halfLatitude
            + cos(from.latitude * radians) * cos(to.latitude * radians) * halfLongitude * halfLongitude
        return 2 * 6_371_008.8 * asin(min(1, haversine.squareRoot()))
    }
}
