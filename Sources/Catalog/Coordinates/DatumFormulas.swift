import Glibc

/// The shift from WGS-84 to GCJ-02, "Mars coordinates", by the usual public formula on the Krasovsky ellipsoid. The
/// official algorithm is not published; providers' own output has noise of about a metre beyond it.
enum GCJ02 {
    /// Degrees to add to a WGS-84 position.
    static func shift(latitude: Double, longitude: Double) -> (latitude: Double, longitude: Double) {
        let (x, y) = (longitude - 105, latitude - 35)
        let radians = latitude / 180 * .pi
        let flattening = 1 - eccentricitySquared * sin(radians) * sin(radians)
        let meridian = semiMajorAxis * (1 - eccentricitySquared) / (flattening * flattening.squareRoot())
        let parallel = semiMajorAxis / flattening.squareRoot() * cos(radians)
        return (north(x, y) * 180 / (meridian * .pi), east(x, y) * 180 / (parallel * .pi))
    }

    /// Of the Krasovsky ellipsoid of 1940, in metres.
    private static let semiMajorAxis = 6_378_245.0
    private static let eccentricitySquared = 0.006_693_421_622_965_943_23

    /// Metres to the north.
    private static func north(_ x: Double, _ y: Double) -> Double {
        -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * abs(x).squareRoot()
            + (20 * sin(6 * x * .pi) + 20 * sin(2 * x * .pi)) * 2 / 3
            + (20 * sin(y * .pi) + 40 * sin(y / 3 * .pi)) * 2 / 3
            + (160 * sin(y / 12 * .pi) + 320 * sin(y * .pi / 30)) * 2 / 3
    }

    /// Metres to the east.
    private static func east(_ x: Double, _ y: Double) -> Double {
        300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * abs(x).squareRoot()
            + (20 * sin(6 * x * .pi) + 20 * sin(2 * x * .pi)) * 2 / 3
            + (20 * sin(x * .pi) + 40 * sin(x / 3 * .pi)) * 2 / 3
            + (150 * sin(x / 12 * .pi) + 300 * sin(x / 30 * .pi)) * 2 / 3
    }
}

/// The shift from GCJ-02 to BD-09, which Baidu's maps show, by the usual public formula.
enum BD09 {
    /// Degrees to add to a GCJ-02 position.
    static func shift(latitude: Double, longitude: Double) -> (latitude: Double, longitude: Double) {
        let radius =
            (longitude * longitude + latitude * latitude).squareRoot() + 0.00002 * sin(latitude * .pi * 3000 / 180)
        let angle = atan2(latitude, longitude) + 0.000003 * cos(longitude * .pi * 3000 / 180)
        return (radius * sin(angle) + 0.006 - latitude, radius * cos(angle) + 0.0065 - longitude)
    }
}
