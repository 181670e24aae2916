/// Positions as text, `lat,lon`.
extension Coordinate {
    /// Reads `lat,lon` in decimal degrees.
    ///
    /// - Throws: ``CoordinateTextError`` that says what is wrong, also that the two seem swapped.
    package init(parsing text: String, datum: Datum) throws(CoordinateTextError) {
        let fields = text.split(separator: ",", omittingEmptySubsequences: false)
        guard fields.count == 2, let latitude = Self.number(fields[0]), let longitude = Self.number(fields[1]) else {
            throw .notTwoNumbers
        }
        guard latitude.isFinite, longitude.isFinite else { throw .notFinite }
        guard (-90.0...90).contains(latitude) else {
            let isSwapped = (-180.0...180).contains(latitude) && (-90.0...90).contains(longitude)
            throw .latitude(latitude, isSwapped: isSwapped)
        }
        guard (-180.0...180).contains(longitude) else { throw .longitude(longitude) }
        self.init(latitude: latitude, longitude: longitude, datum: datum)
    }

    /// Whether the position lies outside China and would lie in it with its two values swapped, as Arctic places also do.
    package var seemsSwapped: Bool {
        !isWhereGCJ02Applies && Coordinate(latitude: longitude, longitude: latitude).isWhereGCJ02Applies
    }

    /// `lat,lon` with a fixed number of decimals.
    package func text(decimals: Int) -> String {
        Self.text(latitude, decimals: decimals) + "," + Self.text(longitude, decimals: decimals)
    }

    /// Degrees with a fixed number of decimals, rounded half away from zero; never "-0.000".
    package static func text(_ degrees: Double, decimals: Int) -> String {
        let scale = (0..<decimals).reduce(1) { power, _ in power * 10 }
        let scaled = Int((degrees * Double(scale)).rounded())
        let fraction = String(scaled.magnitude % UInt(scale))
        let padding = String(repeating: "0", count: decimals - fraction.utf8.count)
        return (scaled < 0 ? "-" : "") + "\(scaled.magnitude / UInt(scale)).\(padding)\(fraction)"
    }

    /// A decimal number with spaces around it, or "nan" and the like, which are told apart afterwards. Not the other
    /// notations that `Double` would take.
    private static func number(_ field: Substring) -> Double? {
        let text = field.drop { $0.isWhitespace }
        let trimmed = String(text.reversed().drop { $0.isWhitespace }.reversed())
        guard !trimmed.utf8.contains(where: { $0 == UInt8(ascii: "x") || $0 == UInt8(ascii: "X") }) else { return nil }
        return Double(trimmed)
    }
}

/// Why a text is no position.
package enum CoordinateTextError: Error, Sendable, Equatable, CustomStringConvertible {
    case notTwoNumbers
    case notFinite
    case latitude(Double, isSwapped: Bool)
    case longitude(Double)

    package var description: String {
        switch self {
        case .notTwoNumbers: "expected LAT,LON in decimal degrees, such as 30.746,120.75"
        case .notFinite: "not a number; expected LAT,LON in decimal degrees, such as 30.746,120.75"
        case .latitude(let value, isSwapped: true):
            "the latitude \(value) lies outside -90...90; latitude and longitude seem swapped"
        case .latitude(let value, isSwapped: false): "the latitude \(value) lies outside -90...90"
        case .longitude(let value): "the longitude \(value) lies outside -180...180"
        }
    }
}
