import FoundationEssentials

/// A seeded generator: what a run found can be found again. Steele, Lea and Flood, "Fast splittable pseudorandom number
/// generators", 2014.
package struct SplitMix64: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    /// A generator whose seed is printed, and taken from `AMENITY_TEST_SEED` if that is set.
    package static func announced(_ purpose: String) -> SplitMix64 {
        let given = ProcessInfo.processInfo.environment["AMENITY_TEST_SEED"].flatMap(UInt64.init)
        let seed = given ?? UInt64.random(in: 0..<1_000_000_000)
        print("\(purpose): AMENITY_TEST_SEED=\(seed)")
        return SplitMix64(seed: seed)
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
