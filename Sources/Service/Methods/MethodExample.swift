/// A call and its answer, for whoever learns a method.
///
/// A test makes each call on the starter catalogue and compares. What differs from run to run (ids, secrets, times) need
/// only have the right form; arrays of the answer may be cut short, and optional members left out.
package struct MethodExample: Sendable {
    /// What it shows, in a few words.
    package let name: String
    /// An object, as JSON.
    package let params: String
    /// The result without `_meta`, as JSON.
    package let result: String

    init(_ name: String, _ params: String = "{}", _ result: String) {
        self.name = name
        self.params = params
        self.result = result
    }
}
