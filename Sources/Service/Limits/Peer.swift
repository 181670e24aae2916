import Access

/// Whom limits are counted for: of IPv4 an address and its /24, of IPv6 the /64 that one customer has and its /48.
struct Peer: Hashable, Sendable {
    let address: IPAddress
    let network: IPAddress

    init(_ address: IPAddress) {
        self.address = address.isV4 ? address : address.prefix(64)
        network = address.isV4 ? address.prefix(120) : address.prefix(48)
    }
}
