import FoundationEssentials
import Postgres
import Synchronization

/// Keeps listings in memory by the hash of what they show, each with its item begun for readers of a language, so that a search
/// has to ask the database only which amenities it found.
///
/// Nothing has to be forgotten when they change: every search learns from the database which version of each it found.
final class ListingShelf: Sendable {
    /// For whom items are written.
    struct Reader {
        let language: Language
        let reference: Reference
    }

    private struct Key: Hashable {
        let version: Int64
        let language: Int
    }

    private struct Kept {
        let listing: Listing
        /// When the state of its freshness becomes another.
        let until: Timestamp
    }

    private struct State {
        var listings: TwoGenerationCache<Key, Kept>
        /// Of the vocabulary that the items are written with.
        var edition: Int64?
    }

    private let state: Mutex<State>

    /// - Parameter bytes: what the listings may take; one takes about a thousand bytes in each language.
    init(bytes: Int) { state = Mutex(State(listings: TwoGenerationCache(size: bytes))) }

    /// The listings of amenities that a search found in the search's order, without those that are not here, and the ids of
    /// these.
    func take(
        _ found: [NearestOfCategory.Row],
        for reader: Reader,
        at time: Timestamp
    ) -> (listings: [ListedAmenity], missing: [UUID]) {
        let language = reader.language.number
        var taken: [ListedAmenity] = []
        taken.reserveCapacity(found.count)
        var missing: [UUID] = []
        state.withLock { state in
            guard state.edition == reader.reference.edition else {
                missing = found.map(\.id)
                return
            }
            for row in found {
                if let kept = state.listings.find(Key(version: row.version, language: language)), time < kept.until,
                    kept.listing.id == row.id
                {
                    taken.append(ListedAmenity(listing: kept.listing, sortKey: row.sortKey))
                } else {
                    missing.append(row.id)
                }
            }
        }
        return (taken, missing)
    }

    /// Keeps listings, and returns them with their items begun.
    func keep(_ rows: [VersionedListings.Row], for reader: Reader) -> [Listing] {
        var heads = ItemHeadWriter(reader.reference, reader.language)
        let listings = rows.map { Listing($0.listing, begunBy: &heads) }
        let language = reader.language.number
        state.withLock { state in
            if state.edition != reader.reference.edition {
                state.listings.removeAll()
                state.edition = reader.reference.edition
            }
            for (row, listing) in zip(rows, listings) {
                state.listings.insert(
                    Kept(listing: listing, until: row.until),
                    for: Key(version: row.version, language: language),
                    size: listing.size
                )
            }
        }
        return listings
    }
}
