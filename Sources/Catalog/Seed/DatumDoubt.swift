/// A place of an import whose position seems to be given in another datum than it says.
package struct DatumDoubt: Sendable, Hashable, CustomStringConvertible {
    /// The imported place's slug.
    package let amenity: String
    /// The slug of what seems to be the same place: itself, where it was known before.
    package let twin: String
    package let suspicion: DatumSuspicion

    package var description: String {
        let known = twin == amenity ? "where it was known" : "\(twin), which has its name"
        return "\(amenity) lies \(suspicion.declaredMetres.metresText) from \(known), read as "
            + "\(suspicion.declared.rawValue); read as \(suspicion.likely.rawValue) it would be "
            + "\(suspicion.likelyMetres.metresText) away. Has it moved, or is the datum wrong?"
    }
}

extension Double {
    fileprivate var metresText: String { "\(Int(rounded())) m" }
}
