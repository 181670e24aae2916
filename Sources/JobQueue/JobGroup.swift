/// Jobs that are paused and capped together: those of a kind, or all of one park.
package struct JobGroup: Sendable, Equatable {
    /// By what they belong together.
    package enum Scope: String, Sendable {
        case kind
        case park
    }

    package let scope: Scope
    package let name: String

    package init(_ scope: Scope, _ name: String) {
        self.scope = scope
        self.name = name
    }
}
