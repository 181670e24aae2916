/// Whether a position was read in the wrong datum, told from where the same place is known to lie. For the importer: a
/// place that seems to have moved by 485 m or 1.1 km just as a conversion would move it has not moved at all.
package struct DatumSuspicion: Sendable, Hashable {
    /// The datum that the values were declared in.
    package let declared: Datum
    /// The datum in which the same values lie at the twin.
    package let likely: Datum
    /// How far the declared reading is from the twin, in metres.
    package let declaredMetres: Double
    /// How far the likely reading is from the twin, in metres.
    package let likelyMetres: Double

    /// Reads the values of a position in every other datum; suspicion falls on the one in which they meet the twin.
    ///
    /// `nil` where the position is near the twin as declared, or meets it in no datum. All six ways to take one datum for
    /// another are told, also BD-09 taken for GCJ-02 (908 m at Jiaxing).
    ///
    /// - Parameters:
    ///   - position: values as their source gives them, in the declared datum.
    ///   - twin: the known position of what seems to be the same place.
    ///   - tolerance: metres within which two positions count as one; above the metre of noise of the providers.
    package init?(of position: Coordinate, near twin: Coordinate, tolerance: Double = 15) {
        let declaredMetres = position.metres(to: twin)
        guard declaredMetres > tolerance else { return nil }
        let readings = Datum.allCases.filter { $0 != position.datum }.map { datum in
            (datum: datum, metres: position.reread(as: datum).metres(to: twin))
        }
        guard let best = readings.min(by: { $0.metres < $1.metres }), best.metres <= tolerance else { return nil }
        declared = position.datum
        likely = best.datum
        self.declaredMetres = declaredMetres
        likelyMetres = best.metres
    }
}
