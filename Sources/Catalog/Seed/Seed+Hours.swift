/// Opening hours that are kept as a note, since what they say is beyond what is understood.
extension Seed {
    /// A line each: whose hours, and why.
    package var notUnderstoodHours: [String] {
        let rows = contents.first { $0.table.name == "opening_hours" }?.rows ?? []
        return rows.compactMap { row in
            guard let amenity = row["amenity"], let expression = row["expression"] else { return nil }
            do throws(OpeningHoursError) {
                _ = try OpeningHours(parsing: expression)
                return nil
            } catch {
                return "the hours of \(amenity), \"\(expression)\", are kept as a note: \(error.description)"
            }
        }
    }
}
