/// What costs something beside the methods, in the unit of a look-up of one row; see ``Method/cost``.
enum MethodCost {
    static let failure = 2
    static let parseError = 10
    /// Each so many bytes in or out cost one more.
    static let bytes = 5000
    /// The most that a call takes of the line, whatever it costs; see ``RemoteMethod/weight``.
    static let heaviest = 16
}
